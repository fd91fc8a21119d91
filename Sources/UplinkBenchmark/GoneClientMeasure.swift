/// How soon the end of clients is noticed whose uploads are held.
struct GoneClientMeasure {
    private static let connections = 100
    private static let bytesPerSecond = 20e3
    private static let limit = 0.1

    func run() throws -> [Bar] {
        let sink = try SinkServer(bytesPerSecond: Self.bytesPerSecond)
        defer { sink.stop() }
        let flood = try FloodProcess(
            port: sink.port,
            connections: Self.connections,
            bytesPerSecond: Self.bytesPerSecond
        )
        try sink.waitForUploads(Self.connections)
        Seconds.sleep(until: Seconds.now + 1)
        let gone = Seconds.now
        flood.kill()
        Seconds.sleep(until: gone + 2)
        let delays = sink.ends.map { $0 - gone }
        guard let last = delays.max() else { throw BenchmarkFailure("no client was noticed to be gone") }
        let milliseconds = Figure.fixed(last * 1e3, 1)
        print("\n\(delays.count) of \(Self.connections) clients that reset noticed, the last after \(milliseconds) ms")
        return [
            Bar(
                name: "clients gone while held are noticed within 100 ms",
                figure: "\(delays.count) of \(Self.connections), the last after \(milliseconds) ms",
                isReached: delays.count == Self.connections && last <= Self.limit
            )
        ]
    }
}

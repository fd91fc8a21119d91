/// CPU time of the whole server while it holds 2,000 uploads and does nothing else.
struct PacingCostMeasure {
    let seconds: Int

    private static let uploads = 2000
    private static let limit = 0.15

    func run() throws -> [Bar] {
        print("\nCPU of a server that holds \(Self.uploads) uploads (reading what is granted included)")
        return try [20e6, 160e6].map(measure)
    }

    private func measure(_ bitsPerSecond: Double) throws -> Bar {
        let rate = bitsPerSecond / 8 / Double(Self.uploads)
        let sink = try SinkServer(bytesPerSecond: rate)
        defer { sink.stop() }
        let flood = try FloodProcess(port: sink.port, connections: Self.uploads, bytesPerSecond: rate)
        defer { flood.kill() }
        try sink.waitForUploads(Self.uploads)
        Seconds.sleep(until: Seconds.now + 3)
        let (bytes, used, since) = (sink.received.reduce(0, +), Seconds.processor, Seconds.now)
        Seconds.sleep(until: since + Double(seconds))
        let cores = (Seconds.processor - used) / (Seconds.now - since)
        let taken = Double(sink.received.reduce(0, +) - bytes) * 8 / (Seconds.now - since)
        let total = Figure.fixed(bitsPerSecond / 1e6, 0)
        print("  \(total) Mbit/s granted, \(Figure.fixed(taken / 1e6, 1)) taken: \(Figure.percent(cores)) of one core")
        return Bar(
            name: "2,000 held uploads, \(total) Mbit/s together: at most 15 % of one core",
            figure: Figure.percent(cores),
            isReached: cores <= Self.limit
        )
    }
}

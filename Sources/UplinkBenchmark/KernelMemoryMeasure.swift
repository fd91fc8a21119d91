import Foundation

/// What the kernel holds for each held connection on the server's side, as `ss` tells it.
struct KernelMemoryMeasure {
    private static let connections = 100
    private static let limit = 64 << 10

    func run() throws -> [Bar] {
        // The first second runs at 1 MB/s: a buffer that grows with use would have grown by then.
        let sink = try SinkServer(bytesPerSecond: 1e6)
        defer { sink.stop() }
        let flood = try FloodProcess(port: sink.port, connections: Self.connections, bytesPerSecond: 1e6)
        defer { flood.kill() }
        try sink.waitForUploads(Self.connections)
        Seconds.sleep(until: Seconds.now + 1)
        sink.setRate(bytesPerSecond: 0)
        Seconds.sleep(until: Seconds.now + 1)
        let text = try Program.output(of: "ss", ["-tmnHO", "state", "established", "sport = :\(sink.port)"])
        let held = text.split(separator: "\n").compactMap(Self.allocated)
        guard held.count >= Self.connections, let most = held.max() else {
            throw BenchmarkFailure("ss shows \(held.count) connections: \(text.prefix(300))")
        }
        let median = Figure.quantile(held.map(Double.init), 0.5)
        print("\nkernel memory of \(held.count) held connections: median \(Int(median)) bytes, most \(most) bytes")
        return [
            Bar(
                name: "kernel-held bytes per held connection at most 64 KiB",
                figure: "\(most) bytes at most",
                isReached: most <= Self.limit
            )
        ]
    }

    /// `skmem:(r49152,rb65536,t0,tb...,f...,w0,o0,bl0,d0)`: what is received and not read, and what waits to be sent.
    private static func allocated(_ line: Substring) -> Int? {
        guard let start = line.range(of: "skmem:(")?.upperBound else { return nil }
        let fields = line[start...].prefix { $0 != ")" }.split(separator: ",")
        func value(_ name: String) -> Int {
            fields.lazy.filter { $0.hasPrefix(name) }.compactMap { Int($0.dropFirst(name.count)) }.first ?? 0
        }
        return value("r") + value("w")
    }
}

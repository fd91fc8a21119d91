/// How close uploads come to their grants, in windows of one second.
struct RateMeasure {
    let seconds: Int

    /// Bytes per second of one upload, and how many there are; together at most what two busy cores can carry.
    private static let cases: [(grant: Double, uploads: Int)] = [
        (0.1e6, 1), (1e6, 1), (10e6, 1), (50e6, 1),
        (0.1e6, 10), (1e6, 10), (10e6, 10),
        (0.1e6, 100), (1e6, 100),
    ]
    private static let tolerance = 0.05
    private static let partWithin = 0.99

    func run() throws -> [Bar] {
        print("rate over one second against the grant (windows of all uploads)")
        print("  uploads   grant MB/s   windows    within 5 %     p99 error   worst error")
        return try Self.cases.map { try measure($0.grant, $0.uploads) }
    }

    private func measure(_ grant: Double, _ uploads: Int) throws -> Bar {
        let sink = try SinkServer(bytesPerSecond: grant)
        defer { sink.stop() }
        let flood = try FloodProcess(port: sink.port, connections: uploads, bytesPerSecond: grant)
        defer { flood.kill() }
        try sink.waitForUploads(uploads)
        Seconds.sleep(until: Seconds.now + 1)
        var errors: [Double] = []
        var (before, since) = (sink.received, Seconds.now)
        for _ in 0..<seconds {
            Seconds.sleep(until: since + 1)
            let (after, now) = (sink.received, Seconds.now)
            errors += zip(before, after).map { abs(Double($1 - $0) / (now - since) / grant - 1) }
            (before, since) = (after, now)
        }
        let within = Double(errors.count { $0 <= Self.tolerance }) / Double(max(errors.count, 1))
        let worst = errors.max() ?? 1
        let cells = [
            Figure.cell("\(uploads)", 9), Figure.cell(Figure.fixed(grant / 1e6, 1), 13),
            Figure.cell("\(errors.count)", 10), Figure.cell(Figure.percent(within), 14),
            Figure.cell(Figure.percent(Figure.quantile(errors, 0.99), digits: 2), 14),
            Figure.cell(Figure.percent(worst, digits: 2), 14),
        ]
        print(cells.joined())
        return Bar(
            name: "\(uploads) x \(Figure.fixed(grant / 1e6, 1)) MB/s within 5 % in at least 99 % of the windows",
            figure: "\(Figure.percent(within)), worst \(Figure.percent(worst, digits: 2))",
            isReached: within >= Self.partWithin
        )
    }
}

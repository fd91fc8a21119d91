/// How close uploads come to their grants, in windows of one second.
struct RateMeasure {
    let seconds: Int

    /// Bytes per second of one upload, and how many there are.
    private static let cases: [(grant: Double, uploads: Int)] = [
        (0.1e6, 1), (1e6, 1), (10e6, 1), (50e6, 1),
        (0.1e6, 10), (1e6, 10), (10e6, 10), (50e6, 10),
        (0.1e6, 100), (1e6, 100), (10e6, 100), (50e6, 100),
    ]
    private static let tolerance = 0.05
    private static let partWithin = 0.99
    /// Of what comes through without pacing: beyond, it is the machine that is measured.
    private static let carriedPart = 0.7

    func run() throws -> [Bar] {
        let most = try Dictionary(uniqueKeysWithValues: [1, 10, 100].map { ($0, try unpaced($0)) })
        print("\nrate over one second against the grant (windows of all uploads)")
        print("  uploads   grant MB/s   windows    within 5 %     p99 error   worst error   all MB/s")
        return try Self.cases.compactMap { grant, uploads in
            let isCarried = grant * Double(uploads) <= Self.carriedPart * (most[uploads] ?? 0)
            // Bodies are kept in memory: what this machine does not carry is not tried for long.
            let bar = try measure(grant, uploads, isCarried ? seconds : 1)
            return isCarried ? bar : nil
        }
    }

    /// What comes through with nothing held back, client and server on one machine.
    private func unpaced(_ uploads: Int) throws -> Double {
        let sink = try SinkServer(bytesPerSecond: nil)
        defer { sink.stop() }
        let flood = try FloodProcess(port: sink.port, connections: uploads, bytesPerSecond: 50e6)
        defer { flood.kill() }
        try sink.waitForUploads(uploads)
        let (before, since) = (sink.received.reduce(0, +), Seconds.now)
        Seconds.sleep(until: since + 1)
        let rate = Double(sink.received.reduce(0, +) - before) / (Seconds.now - since)
        print("  \(uploads) uploads without pacing: \(Figure.fixed(rate / 1e6, 0)) MB/s together")
        return rate
    }

    private func measure(_ grant: Double, _ uploads: Int, _ seconds: Int) throws -> Bar {
        let sink = try SinkServer(bytesPerSecond: grant)
        defer { sink.stop() }
        let flood = try FloodProcess(port: sink.port, connections: uploads, bytesPerSecond: grant)
        defer { flood.kill() }
        try sink.waitForUploads(uploads)
        Seconds.sleep(until: Seconds.now + 1)
        var errors: [Double] = []
        var (before, since, total) = (sink.received, Seconds.now, 0)
        for _ in 0..<seconds {
            Seconds.sleep(until: since + 1)
            let (after, now) = (sink.received, Seconds.now)
            errors += zip(before, after).map { abs(Double($1 - $0) / (now - since) / grant - 1) }
            total += after.reduce(0, +) - before.reduce(0, +)
            (before, since) = (after, now)
        }
        let within = Double(errors.count { $0 <= Self.tolerance }) / Double(max(errors.count, 1))
        let worst = errors.max() ?? 1
        let cells = [
            Figure.cell("\(uploads)", 9), Figure.cell(Figure.fixed(grant / 1e6, 1), 13),
            Figure.cell("\(errors.count)", 10), Figure.cell(Figure.percent(within), 14),
            Figure.cell(Figure.percent(Figure.quantile(errors, 0.99), digits: 2), 14),
            Figure.cell(Figure.percent(worst, digits: 2), 14),
            Figure.cell(Figure.fixed(Double(total) / Double(seconds) / 1e6, 1), 11),
        ]
        print(cells.joined())
        return Bar(
            name: "\(uploads) x \(Figure.fixed(grant / 1e6, 1)) MB/s within 5 % in at least 99 % of the windows",
            figure: "\(Figure.percent(within)), worst \(Figure.percent(worst, digits: 2))",
            isReached: within >= Self.partWithin
        )
    }
}

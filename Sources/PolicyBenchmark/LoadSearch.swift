/// Finds the load where `lru` begins to miss.
struct LoadSearch {
    let stage: Stage
    let traces: TraceMaker
    let seed: UInt64

    /// From this part of deadlines met on, nothing counts as missed.
    static let met = 0.99
    private static let seconds = 5.0

    /// The highest rate found at which `lru` is in time with 99 % of the requests: doubling, then three halvings.
    func rateWhereLRUBeginsToMiss() async throws -> Double {
        var (low, high) = (0.0, 4.0)
        while try await isMet(at: high) {
            (low, high) = (high, high * 2)
            guard high < 100_000 else { throw BenchmarkFailure("lru never misses") }
        }
        for _ in 0..<3 {
            let middle = (low + high) / 2
            if try await isMet(at: middle) { low = middle } else { high = middle }
        }
        guard low > 0 else {
            throw BenchmarkFailure("lru misses at \(high) requests/s already: deadlines are too short")
        }
        return low
    }

    private func isMet(at rate: Double) async throws -> Bool {
        let trace = try await traces.steady(rate: rate, seed: seed, seconds: Self.seconds)
        let setting = Setting(name: "search, \(Figure.fixed(rate, 1))/s,", load: 0, rate: rate, round: 0)
        let result = try await stage.play(Play(trace: trace), policy: "lru", setting: setting)
        print(result.line)
        return Double(result.client.inTime) >= Self.met * Double(result.client.sent)
    }
}

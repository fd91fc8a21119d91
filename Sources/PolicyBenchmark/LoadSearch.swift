/// Finds the load where something begins to miss: the highest rate found at which it does not.
struct LoadSearch {
    /// The rate that is tried first.
    var first = 4.0
    /// How often the interval is halved, once there is one.
    var halvings = 3
    /// Of how many traces at a rate the greater part decides: on a shared machine a single one may be missed for another's work.
    var traces = 1
    /// Whether all goes well at a rate, in requests a second, on the trace of this number.
    let isMet: (_ rate: Double, _ trace: Int) async throws -> Bool

    /// Doubles the rate until it is not met, then halves the interval.
    ///
    /// - Throws: ``BenchmarkFailure`` where every rate is met, or none; what ``isMet`` throws.
    func highestRate() async throws -> Double {
        var (low, high) = (0.0, first)
        while try await isMostlyMet(high) {
            (low, high) = (high, high * 2)
            guard high < 100_000 else { throw BenchmarkFailure("lru never misses") }
        }
        for _ in 0..<halvings {
            let middle = (low + high) / 2
            if try await isMostlyMet(middle) { low = middle } else { high = middle }
        }
        guard low > 0 else {
            throw BenchmarkFailure("lru misses at \(high) requests/s already: deadlines are too short")
        }
        return low
    }

    /// Whether more than half of the traces are met; no more are played than it takes to know.
    private func isMostlyMet(_ rate: Double) async throws -> Bool {
        let majority = traces / 2 + 1
        var (met, missed) = (0, 0)
        while met < majority, missed < majority {
            if try await isMet(rate, met + missed) { met += 1 } else { missed += 1 }
        }
        return met >= majority
    }
}

extension LoadSearch {
    /// From this part of deadlines met on, nothing counts as missed.
    static let met = 0.99
    private static let seconds = 5.0
    /// With fewer requests, one whose model was the first to be loaded would decide.
    static let fewest = 250.0

    /// How long a trace has to be at a rate to tell one miss in a hundred from the first load's.
    static func seconds(at rate: Double) -> Double { min(max(seconds, fewest / rate), 30) }

    /// Searches where `lru` begins to miss, to 2 requests a second from 32 to 64: each rate on three traces.
    init(stage: Stage, traces: TraceMaker, seed: UInt64) {
        self.init(first: 32, halvings: 4, traces: 3) { rate, number in
            let seconds = Self.seconds(at: rate)
            let trace = try await traces.steady(rate: rate, seed: seed + UInt64(number), seconds: seconds)
            let setting = Setting(name: "search, \(Figure.fixed(rate, 1))/s,", load: 0, rate: rate, round: number)
            let result = try await stage.play(Play(trace: trace), by: Contender("lru"), setting: setting)
            print(result.line)
            return Double(result.client.inTime) >= Self.met * Double(result.client.sent)
        }
    }
}

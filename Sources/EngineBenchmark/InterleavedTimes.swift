/// Several things measured in turns, so that whatever else the machine does hits all alike.
struct InterleavedTimes {
    /// For each contestant, what each round took.
    private var taken: [[Taken]]

    /// Measures each contestant `rounds` times, after two rounds that do not count.
    ///
    /// Rounds start with each contestant in turn, and go forwards and backwards: who comes later finds other caches.
    init(rounds: Int, _ contestants: [() throws -> Taken]) throws {
        taken = contestants.map { _ in [] }
        for round in 0..<(rounds + 2) {
            for turn in contestants.indices {
                let step = round.isMultiple(of: 2) ? turn : contestants.count - turn
                let index = (round / 2 + step) % contestants.count
                let measured = try contestants[index]()
                if round >= 2 { taken[index].append(measured) }
            }
        }
    }

    /// The median of the rounds' ratios of two contestants, in wall time, which is what a request waits for.
    func ratio(_ one: Int, over other: Int) -> Double { ratio(one, over: other, \.wall) }

    /// Contestant `one` beside `other`, for people.
    func text(_ one: Int, over other: Int) -> String {
        let (mine, theirs) = (median(of: one, \.wall).milliseconds, median(of: other, \.wall).milliseconds)
        return "\(mine) against \(theirs), ratio \(ratio(one, over: other).rounded3) "
            + "(CPU time \(ratio(one, over: other, \.processor).rounded3))"
    }

    private func ratio(_ one: Int, over other: Int, _ measure: (Taken) -> Double) -> Double {
        Self.median(zip(taken[one], taken[other]).map { measure($0) / measure($1) })
    }

    private func median(of contestant: Int, _ measure: (Taken) -> Double) -> Double {
        Self.median(taken[contestant].map(measure))
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let upper = sorted.dropFirst(sorted.count / 2).first else { return .nan }
        return sorted.count.isMultiple(of: 2) ? (sorted[sorted.count / 2 - 1] + upper) / 2 : upper
    }
}

extension Double {
    /// Seconds as milliseconds.
    var milliseconds: String { "\((self * 1e5).rounded() / 100) ms" }
    /// Three places behind the point.
    var rounded3: String { "\((self * 1000).rounded() / 1000)" }
    /// Bytes as megabytes.
    var megabytes: String { "\((self / 1e5).rounded() / 10) MB" }
}

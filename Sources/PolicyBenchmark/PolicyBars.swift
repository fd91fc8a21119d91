/// What was promised, held against what was measured.
struct PolicyBars {
    private let figures: PolicyFigures

    init(_ figures: PolicyFigures) { self.figures = figures }

    /// Something that was promised, and whether it is reached; nil where this run has nothing to say on it.
    struct Bar {
        let name: String
        let figure: String
        let isReached: Bool?

        /// The line that is printed.
        var line: String {
            let word = isReached.map { $0 ? "reached " : "MISSED  " } ?? "not run "
            return "  \(word) \(name): \(figure)"
        }
    }

    var bars: [Bar] {
        [
            ratio("in time, partial against lru at 2 x: at least 2", "lru", 2, atLeast: 2),
            neverBelow,
            ratio("in time, partial against whole at 2 x: at least 1.3", "whole", 2, atLeast: 1.3),
            most("partial: admitted but not in time, worst: at most 1 %", 0.01, partial.map(\.missedPart)),
            most("partial: error of load estimates, p90: at most 20 %", 0.2, partial.compactMap(\.loadError)),
            most("partial: error of compute estimates, p90: at most 15 %", 0.15, partial.compactMap(\.computeError)),
            overloadGoodput,
            refusals,
            most("partial: planner's share of a core: at most 10 %", 0.1, partial.map(\.plannerShare)),
            ledgers,
        ]
    }

    private func totals(_ policy: String, _ load: Double) -> Totals? {
        let found = figures.results.filter {
            $0.policy == policy && $0.setting.load == load && $0.setting.name.hasSuffix(" x")
        }
        return found.isEmpty ? nil : Totals(found)
    }

    /// `partial` in each steady setting.
    private var partial: [Totals] { loads.compactMap { totals("partial", $0) } }

    private var loads: [Double] {
        Set(figures.results.filter { $0.setting.name.hasSuffix(" x") }.map(\.setting.load)).sorted()
    }

    private func ratio(_ other: String, at load: Double) -> Double? {
        guard let ours = totals("partial", load), let theirs = totals(other, load) else { return nil }
        return Double(ours.inTime) / Double(max(theirs.inTime, 1))
    }

    private func ratio(_ name: String, _ other: String, _ load: Double, atLeast bar: Double) -> Bar {
        guard let ratio = ratio(other, at: load), let theirs = totals(other, load) else {
            return Bar(name: name, figure: "-", isReached: nil)
        }
        let most = Double(theirs.sent) / Double(max(theirs.inTime, 1))
        let text = "\(Figure.fixed(ratio, 2)) (answering everything would be \(Figure.fixed(most, 2)))"
        return Bar(name: name, figure: text, isReached: ratio >= bar)
    }

    private var neverBelow: Bar {
        let ratios = loads.compactMap { load in ratio("lru", at: load).map { (load, $0) } }
        let text = ratios.map { "\(Figure.fixed($0.0, 1)) x: \(Figure.fixed($0.1, 2))" }.joined(separator: ", ")
        return Bar(
            name: "in time, partial against lru: never below 1",
            figure: text.isEmpty ? "-" : text,
            isReached: ratios.isEmpty ? nil : ratios.allSatisfy { $0.1 >= 1 }
        )
    }

    private func most(_ name: String, _ bar: Double, _ values: [Double]) -> Bar {
        Bar(name: name, figure: Figure.percent(values.max()), isReached: values.max().map { $0 <= bar })
    }

    private var overloadGoodput: Bar {
        let name = "partial: goodput at 10 times the capacity: at least 0.9 of its peak"
        guard let over = totals("partial", PolicyFigures.overload), let peak = figures.peakGoodput(of: "partial") else {
            return Bar(name: name, figure: "-", isReached: nil)
        }
        let part = over.goodput / max(peak, 1e-9)
        let text = "\(Figure.fixed(part, 2)) (\(Figure.fixed(over.goodput, 1)) of \(Figure.fixed(peak, 1))/s)"
        return Bar(name: name, figure: text, isReached: part >= 0.9)
    }

    private var refusals: Bar {
        let value = totals("partial", PolicyFigures.overload)?.refusalP99
        return Bar(
            name: "partial: refusals at 10 times the capacity, p99: at most 5 ms",
            figure: Figure.milliseconds(value),
            isReached: value.map { $0 <= 5 }
        )
    }

    private var ledgers: Bar {
        let wrong = figures.results.count { !$0.ledgersAgree }
        return Bar(
            name: "the client's account equals the gateway's",
            figure: "\(figures.results.count - wrong) of \(figures.results.count) runs",
            isReached: figures.results.isEmpty ? nil : wrong == 0
        )
    }
}

import Foundation
import PlanFormat
import TestSupport

/// Served requests of every solver side by side, one row for each instance, then means and times.
struct FamilyTable {
    let family: InstanceGenerator.Family
    let results: [InstanceResult]

    private var solvers: [String] { SolverRegistry.all.entries.map(\.name) }

    var text: String {
        var lines = ["\(family.rawValue): requests served"]
        lines.append(row("instance", ["optimum", "bound"] + solvers))
        for result in results {
            let served = solvers.map { name in result.figures[name].map { "\($0.served)" } ?? "-" }
            let bound = result.upperBound.map { String(format: "%.4g", $0) } ?? "-"
            lines.append(row(result.name, [result.optimum.map { "\($0)" } ?? "-", bound] + served))
        }
        lines.append(row("mean served", ["", ""] + solvers.map { format(mean($0) { Double($0.served) }) }))
        lines.append(row("mean ms", ["", ""] + solvers.map { format(mean($0, \.milliseconds)) }))
        if family == .varied { lines += slowest }
        lines.append(row("longest ms", ["", ""] + solvers.map { format(longest($0)) }))
        return (lines + gains).joined(separator: "\n")
    }

    /// What sharing and what search are worth.
    private var gains: [String] {
        let preferred = SolverRegistry.all.preferred.name
        return [("unshared", "from sharing"), ("greedy", "from search")].compactMap { name, words in
            guard name != preferred, solvers.contains(name), mean(name, { Double($0.served) }) > 0 else { return nil }
            let gain = mean(preferred) { Double($0.served) } / mean(name) { Double($0.served) }
            return "gain \(words): \(preferred) serves \(String(format: "%.2f", gain)) times what \(name) serves"
        }
    }

    /// The instances that take longest to prove.
    private var slowest: [String] {
        let times = results.compactMap { result in
            result.figures["exhaustive"].map { (name: result.name, milliseconds: $0.milliseconds) }
        }
        return times.sorted { $0.milliseconds > $1.milliseconds }.prefix(12).map {
            "slow to prove: \($0.name) takes exhaustive \(format($0.milliseconds)) ms"
        }
    }

    private func mean(_ solver: String, _ figure: (InstanceResult.Figures) -> Double) -> Double {
        let values = results.compactMap { $0.figures[solver].map(figure) }
        return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    private func longest(_ solver: String) -> Double {
        results.compactMap { $0.figures[solver]?.milliseconds }.max() ?? 0
    }

    private func format(_ value: Double) -> String { String(format: "%.2f", value) }

    private func row(_ name: String, _ cells: [String]) -> String {
        name.padding(toLength: 22, withPad: " ", startingAt: 0)
            + cells.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
    }
}

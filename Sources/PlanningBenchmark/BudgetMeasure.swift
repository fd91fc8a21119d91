import Foundation
import LoadScheduling
import PlanFormat
import ServingCore
import TestSupport

/// How often solvers that keep a budget look at it, and by how much they overrun it, in processor time: every family, and 10,000 requests
/// in every mode.
struct BudgetMeasure {
    private static let budgets = [1, 5, 20, 100]
    private static let runs = 3
    private static let solvers = ["search", "auto"]
    private let folder: String?
    private let generated: Int
    private let seed: UInt64

    init(folder: String?, generated: Int, seed: UInt64) {
        self.folder = folder
        self.generated = generated
        self.seed = seed
    }

    /// The longest of what many runs took, in seconds.
    private struct Longest {
        var gap = 0.0
        var over = 0.0
        var gapInstance = ""
        var overInstance = ""

        /// Takes the best of some runs of one kind in: what else the machine does only adds.
        mutating func take(_ runs: [BudgetGaps.Measure], _ name: String) {
            guard let best = runs.min(by: { $0.longest < $1.longest }) else { return }
            if best.longest > gap { (gap, gapInstance) = (best.longest, name + Self.place(best)) }
            let least = runs.map(\.over).min() ?? 0
            if least > over { (over, overInstance) = (least, name) }
        }

        private static func place(_ measure: BudgetGaps.Measure) -> String {
            if measure.longest == measure.between { return "" }
            return measure.longest == measure.before ? " (before)" : " (after)"
        }
    }

    /// Prints what was measured.
    func measure() throws -> [Bar] {
        var bars: [Bar] = []
        print("budget: longest stretch without a look, and longest overrun, in ms of processor time")
        for (name, list) in try instances() {
            for solver in Self.solvers { bars += measure(solver, name, list) }
        }
        print("")
        return bars
    }

    private func measure(_ solver: String, _ family: String, _ list: [NamedInstance]) -> [Bar] {
        guard let entry = SolverRegistry.all.entry(named: solver) else { return [] }
        var all = Longest()
        var shortest = Longest()
        for budget in Self.budgets {
            var longest = Longest()
            for instance in list {
                let problem = instance.plan.problem
                let runs = (0..<Self.runs).map { _ in
                    BudgetGaps(budget: .milliseconds(budget)).run(entry.solver(seed: seed), on: problem)
                }
                longest.take(runs, instance.name)
                budget == Self.budgets[0] ? shortest.take(runs, instance.name) : all.take(runs, instance.name)
            }
            print("  \(solver), \(family), \(budget) ms: \(words(longest))")
        }
        let name = "budget: \(solver), \(family):"
        return [
            bar("\(name) a look at least every 0.5 ms", max(all.gap, shortest.gap)),
            bar("\(name) budgets of 5 to 100 ms overrun by at most 0.5 ms", all.over),
            bar("\(name) a budget of 1 ms overrun by at most 0.5 ms", shortest.over),
        ]
    }

    private func bar(_ name: String, _ seconds: Double) -> Bar {
        Bar(name: name, figure: milliseconds(seconds), isReached: seconds <= 0.5e-3)
    }

    private func words(_ longest: Longest) -> String {
        "\(milliseconds(longest.gap)) in \(longest.gapInstance), over by \(milliseconds(longest.over)) in \(longest.overInstance)"
    }

    private func milliseconds(_ seconds: Double) -> String { String(format: "%.2f ms", seconds * 1e3) }

    private func instances() throws -> [(String, [NamedInstance])] {
        var lists: [(String, [NamedInstance])] = []
        for family in [InstanceGenerator.Family.small, .varied, .bound, .backbone, .general] {
            let list = try NamedInstance.list(family, folder: folder, generated: generated, seed: seed)
            lists.append((family.rawValue, list))
        }
        return lists + [("large", large)]
    }

    private var large: [NamedInstance] {
        EdgeServer.Reuse.allCases.flatMap { reuse in
            [false, true].map { overlap in
                var problem = InstanceGenerator.problem(.large, seed: seed)
                (problem.server.reuse, problem.server.overlap) = (reuse, overlap)
                let plan = InstancePlan(numbering: problem, seed: seed)
                return NamedInstance(name: "large \(reuse.rawValue) \(overlap)", plan: plan, optimum: nil)
            }
        }
    }
}

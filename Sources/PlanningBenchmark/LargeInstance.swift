import Foundation
import LoadScheduling
import PlanFormat
import ServingCore
import TestSupport

/// 10,000 requests, 300 models, 3,000 blocks: how long until there is a schedule, and in how much memory.
struct LargeInstance {
    private let plan: InstancePlan
    private let budget: Duration
    private let seed: UInt64

    init(seed: UInt64, budget: Duration) {
        plan = InstancePlan(numbering: InstanceGenerator.problem(.large, seed: seed), seed: seed)
        self.budget = budget
        self.seed = seed
    }

    /// Prints what was measured.
    func measure() -> [Bar] {
        let preferred = SolverRegistry.all.preferred
        let first = firstFeasible(of: preferred)
        let peak = ProcessMemory.peakMebibytes
        let (server, requests) = (plan.problem.server, plan.problem.requests)
        print("large: \(requests.count) requests, \(server.models.count) models, \(server.blocks.count) blocks")
        print(line(preferred.name, "first schedule", first))
        for entry in SolverRegistry.all.entries where entry.name != "exhaustive" {
            print(line(entry.name, "with its budget", run(entry, budget: budget)))
        }
        let gaps = EdgeServer.Reuse.allCases.flatMap { reuse in
            [false, true].map { firstInMode(preferred, reuse, overlap: $0) }
        }
        print("")
        let violations = ScheduleValidator.violations(of: first.result.schedule, in: plan.problem)
        let isThere = first.result.schedule.servedCount > 0 && violations.isEmpty
        return [
            Bar(
                name: "large: first feasible schedule within 25 ms (\(preferred.name))",
                figure: String(format: "%.2f ms", first.duration.inMilliseconds),
                isReached: isThere && first.duration <= .milliseconds(25)
            ),
            Bar(
                name: "large: 100 MB at most, the whole process",
                figure: peak.map { String(format: "%.1f MiB", $0) } ?? "unknown",
                isReached: peak.map { $0 <= 95.3 } ?? false
            ),
        ] + gaps
    }

    /// How much processor time a first schedule takes in a mode, and how long the solver goes on without a look at its budget.
    private func firstInMode(_ entry: SolverRegistry.Entry, _ reuse: EdgeServer.Reuse, overlap: Bool) -> Bar {
        var problem = plan.problem
        (problem.server.reuse, problem.server.overlap) = (reuse, overlap)
        let first = BudgetGaps(budget: .milliseconds(1)).run(entry.solver(seed: seed), on: problem)
        let whole = BudgetGaps(budget: budget).run(entry.solver(seed: seed), on: problem)
        let mode = "\(reuse.rawValue), overlap \(overlap ? "on" : "off")"
        let violations = ScheduleValidator.violations(of: first.result.schedule, in: problem)
        let served = (first: first.result.schedule.servedCount, all: whole.result.schedule.servedCount)
        let gaps = [whole.before, whole.between, whole.after].map(milliseconds)
        print("  \(entry.name) (\(mode)): first schedule serves \(served.first) in \(milliseconds(first.seconds))")
        print("    of processor time; with its budget \(served.all) in \(milliseconds(whole.seconds)); without a look")
        print("    at the budget at most \(gaps[0]) before, \(gaps[1]) between, \(gaps[2]) after")
        return Bar(
            name: "large: first feasible schedule within 25 ms of processor time (\(entry.name); \(mode))",
            figure: milliseconds(first.seconds),
            isReached: violations.isEmpty && first.result.schedule.servedCount > 0 && first.seconds <= 0.025
        )
    }

    private func milliseconds(_ seconds: Double) -> String { String(format: "%.2f ms", seconds * 1e3) }

    /// The result with the shortest budget that leads to a schedule that serves somebody.
    private func firstFeasible(of entry: SolverRegistry.Entry) -> PlanReport {
        for milliseconds in [0, 1, 2, 4, 8, 16, 25, 50, 100, 200, 400, 800] {
            let report = run(entry, budget: .milliseconds(milliseconds))
            if report.result.stopReason != .budgetUsedUp || isMoreThanABeginning(report) { return report }
        }
        return run(entry, budget: nil)
    }

    /// One batch alone would be feasible too, and worth nothing: a tenth of what simple batching serves is asked for.
    private func isMoreThanABeginning(_ report: PlanReport) -> Bool {
        guard report.result.schedule.servedCount > 0 else { return false }
        let simple = FirstArrivalScheduler().solve(plan.problem, limits: .none)
        return report.result.schedule.servedCount * 10 >= simple.schedule.servedCount
    }

    private func run(_ entry: SolverRegistry.Entry, budget: Duration?) -> PlanReport {
        PlanRunner.run(entry.solver(seed: seed), on: plan, budget: budget, now: SystemMonotonicClock.now)
    }

    private func line(_ name: String, _ what: String, _ report: PlanReport) -> String {
        let time = String(format: "%.2f", report.duration.inMilliseconds)
        return "  \(name), \(what): serves \(report.result.schedule.servedCount) in \(time) ms"
    }
}

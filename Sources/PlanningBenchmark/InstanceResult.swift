import LoadScheduling
import PlanFormat
import ServingCore
import TestSupport

/// What every solver made of one instance.
struct InstanceResult {
    /// What one solver made of it.
    struct Figures {
        let served: Int
        let upperBound: Double?
        let isOptimal: Bool
        let milliseconds: Double
        /// What ``ScheduleValidator`` finds wrong with the schedule.
        let violations: [String]
    }

    let name: String
    /// The optimum that came with the instance.
    let givenOptimum: Int?
    /// For each solver of the registry, by name.
    let figures: [String: Figures]

    /// Runs every solver; the exhaustive one gets the time it needs for a proof on small instances.
    init(of instance: NamedInstance, _ family: InstanceGenerator.Family, budget: Duration, seed: UInt64) {
        name = instance.name
        givenOptimum = instance.optimum
        var figures: [String: Figures] = [:]
        for entry in SolverRegistry.all.entries {
            let needsProof = entry.name == "exhaustive" && [.small, .varied, .bound].contains(family)
            figures[entry.name] = Self.run(
                entry.solver(seed: seed),
                on: instance.plan,
                budget: needsProof ? .seconds(20) : budget
            )
        }
        self.figures = figures
    }

    private static func run(_ solver: any LoadScheduler, on plan: InstancePlan, budget: Duration) -> Figures {
        let report = PlanRunner.run(solver, on: plan, budget: budget, now: SystemMonotonicClock.now)
        return Figures(
            served: Int(report.servedWeight.rounded()),
            upperBound: report.upperBound,
            isOptimal: report.result.isOptimal,
            milliseconds: report.duration.inMilliseconds,
            violations: ScheduleValidator.violations(of: report.result.schedule, in: plan.problem)
        )
    }

    /// What is known to be the optimum: given, or proved by a solver here.
    var optimum: Int? { givenOptimum ?? figures.values.first { $0.isOptimal }?.served }

    /// The lowest upper bound of any solver.
    var upperBound: Double? { figures.values.compactMap(\.upperBound).min() }

    /// The preferred solver's.
    var preferred: Figures? { figures[SolverRegistry.all.preferred.name] }

    /// How far the preferred solver may be from the optimum at most: (bound - served) / bound; nil without a bound.
    var gap: Double? {
        guard let preferred, let bound = upperBound else { return nil }
        return bound > 0 ? max(bound - Double(preferred.served), 0) / bound : 0
    }

    /// Contradictions and broken rules: there must be none.
    var faults: [String] {
        figures.sorted { $0.key < $1.key }.flatMap { solver, figure -> [String] in
            var faults = figure.violations.map { "\(name), \(solver): \($0)" }
            if let optimum, figure.served > optimum { faults.append("\(name), \(solver): over the optimum") }
            if let optimum, figure.isOptimal, figure.served < optimum {
                faults.append("\(name), \(solver): called optimal, but under the optimum")
            }
            if let optimum, let bound = figure.upperBound, bound < Double(optimum) {
                faults.append("\(name), \(solver): upper bound under the optimum")
            }
            return faults
        }
    }
}

import LoadScheduling
import PlanFormat
import TestSupport
import Testing

struct SolverRegistryTests {
    @Test func `every solver goes by the name it is listed under, and no name is listed twice`() {
        let entries = SolverRegistry.all.entries
        #expect(entries.map { $0.solver(seed: 3).name } == entries.map(\.name))
        #expect(Set(entries.map(\.name)).count == entries.count)
    }

    @Test(arguments: [InstanceGenerator.Family.small, .varied, .bound])
    func `auto serves the proved optimum of small instances, whatever they are like`(family: InstanceGenerator.Family) {
        for seed in UInt64(0)..<40 {
            var problem = InstanceGenerator.problem(family, seed: seed)
            problem.requests = Array(problem.requests.prefix(8))
            let optimum = ExhaustiveScheduler().solve(problem, limits: .none)
            let result = SolverRegistry.all.preferred.solver(seed: seed).solve(problem, limits: .none)
            #expect(optimum.isOptimal && result.isOptimal, "seed \(seed)")
            #expect(result.upperBound == optimum.upperBound, "seed \(seed)")
            #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [], "seed \(seed)")
        }
    }

    @Test func `for as much work auto finds on general instances what search finds`() {
        for seed in UInt64(0)..<3 {
            let problem = InstanceGenerator.problem(.general, seed: seed)
            let limits = SchedulingLimits(maximumIterations: 40)
            let results = ["auto", "search"].map {
                SolverRegistry.all.entry(named: $0)?.solver(seed: seed).solve(problem, limits: limits)
            }
            #expect(results[0]?.stopReason == .iterationLimit)
            #expect(results[0] == results[1], "seed \(seed)")
        }
    }

    @Test func `a solver is found by its name and by no other`() {
        #expect(SolverRegistry.all.entry(named: "edf")?.name == "edf")
        #expect(SolverRegistry.all.entry(named: "EDF") == nil)
    }

    @Test func `auto is preferred where it is listed`() {
        let entry = SolverRegistry.all.entries[0]
        let others = SolverRegistry([entry, SolverRegistry.Entry("auto") { entry.solver(seed: $0) }])
        #expect(others.preferred.name == "auto")
        #expect(SolverRegistry([entry]).preferred.name == entry.name)
    }
}

import LoadScheduling
import PlanFormat
import ServingCore
import Testing

struct InstanceFileTests {
    @Test func `the files are there`() {
        #expect(InstanceFile.all.count == 9)
        #expect(InstanceFile.all.filter { $0.optimum != nil }.count == 8)
    }

    @Test(arguments: InstanceFile.all)
    func `every solver makes a valid schedule, none better than the optimum, no bound under it`(
        file: InstanceFile
    ) throws {
        let plan = try file.plan()
        for entry in SolverRegistry.all.entries {
            let report = PlanRunner.run(
                entry.solver(seed: 1),
                on: plan,
                budget: .milliseconds(200),
                now: SystemMonotonicClock.now
            )
            let schedule = report.result.schedule
            #expect(ScheduleValidator.violations(of: schedule, in: plan.problem) == [], "\(entry.name)")
            #expect(schedule.servedCount + schedule.unserved.count == plan.problem.requests.count)
            guard let optimum = file.optimum else { continue }
            #expect(schedule.servedCount <= optimum, "\(entry.name)")
            #expect(report.upperBound ?? .infinity >= Double(optimum), "\(entry.name)")
            if report.result.isOptimal { #expect(schedule.servedCount == optimum, "\(entry.name)") }
        }
    }

    @Test(arguments: InstanceFile.all, [EdgeServer.Reuse.consecutive, .retained])
    func `every solver makes a valid schedule in the other modes`(file: InstanceFile, reuse: EdgeServer.Reuse) throws {
        var plan = try file.plan()
        plan.problem.server.reuse = reuse
        plan.problem.server.overlap = true
        for entry in SolverRegistry.all.entries {
            let report = PlanRunner.run(
                entry.solver(seed: 2),
                on: plan,
                budget: .milliseconds(50),
                now: SystemMonotonicClock.now
            )
            #expect(ScheduleValidator.violations(of: report.result.schedule, in: plan.problem) == [], "\(entry.name)")
        }
    }
}

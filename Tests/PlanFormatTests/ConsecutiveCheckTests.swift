import LoadScheduling
import PlanFormat
import ServingCore
import TestSupport
import Testing

/// The validator against the rules written down once more, on schedules that were made worse, or only other, at random.
struct ConsecutiveCheckTests {
    private static let problems: [SchedulingProblem] = {
        let files = InstanceFile.all.compactMap { try? $0.plan().problem }
        let families: [InstanceGenerator.Family] = [.small, .varied, .bound, .general]
        let made = families.flatMap { family in
            (UInt64(0)..<4).map { InstanceGenerator.problem(family, seed: $0) }
        }
        return (files + made).map { problem in
            var problem = problem
            problem.server.reuse = .consecutive
            problem.server.overlap = false
            problem.server.shares = .constant
            return problem
        }
    }()

    /// Makes one change to what decides.
    private func mutate(_ schedule: inout LoadSchedule, _ random: inout SeededGenerator) {
        let place = schedule.batches.indices.randomElement(using: &random) ?? 0
        let other = schedule.batches.indices.randomElement(using: &random) ?? 0
        let member = schedule.batches[place].requests.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<8, using: &random) {
        case 0: for later in place..<schedule.batches.count { schedule.batches[later].inferStart += 0.004 }
        case 1: schedule.batches[place].inferStart += .random(in: -0.02...0.02, using: &random)
        case 2: schedule.shares[member] = schedule.shares[member].map { Hertz($0.rawValue * 0.97) }
        case 3: schedule.shares[member] = schedule.shares[member].map { Hertz($0.rawValue * 1.1) }
        case 4: schedule.batches[place].requests.removeAll { $0 == member }
        case 5: schedule.batches[other].requests.append(member)
        case 6: schedule.batches.swapAt(place, other)
        default: schedule.shares[member] = nil
        }
    }

    /// Makes what the rules say nothing of follow from the rest.
    private func complete(_ schedule: inout LoadSchedule, _ problem: SchedulingProblem) {
        var resident = problem.state.resident
        var free = 0.0
        for index in schedule.batches.indices {
            let batch = schedule.batches[index]
            let model = problem.server.models[batch.model]
            schedule.batches[index].loadStart = free
            schedule.batches[index].loadedBlocks = model.blocks.filter { !resident.contains($0) }
            schedule.batches[index].evictedBlocks = []
            free = batch.inferStart + model.seconds(batch: batch.requests.count)
            schedule.batches[index].finish = free
            resident = model.blockSet
        }
        let served = Set(schedule.batches.flatMap(\.requests))
        schedule.unserved = [:]
        for number in problem.requests.indices where !served.contains(number) {
            schedule.unserved[number] = .deadline
            schedule.shares[number] = nil
        }
    }

    @Test(arguments: UInt64(0)..<12)
    func `both take and refuse the same schedules`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var (taken, refused) = (0, 0)
        for problem in Self.problems {
            var made = GreedyScheduler().solve(problem, limits: .none).schedule
            guard !made.batches.isEmpty else { continue }
            complete(&made, problem)
            #expect(ConsecutiveCheck.accepts(made, for: problem))
            for _ in 0..<40 {
                var changed = made
                mutate(&changed, &random)
                complete(&changed, problem)
                let violations = ScheduleValidator.violations(of: changed, in: problem)
                let isAccepted = ConsecutiveCheck.accepts(changed, for: problem)
                #expect(violations.isEmpty == isAccepted, "\(violations)")
                taken += isAccepted ? 1 : 0
                refused += isAccepted ? 0 : 1
            }
        }
        #expect(taken > 50 && refused > 50, "\(taken) taken, \(refused) refused")
    }

    @Test(arguments: SolverRegistry.all.entries.map(\.name))
    func `both take what every solver makes`(solver: String) throws {
        let entry = try #require(SolverRegistry.all.entry(named: solver))
        for problem in Self.problems where problem.requests.count <= 12 {
            let limits = SchedulingLimits(maximumIterations: 200)
            let schedule = entry.solver(seed: 1).solve(problem, limits: limits).schedule
            #expect(ConsecutiveCheck.accepts(schedule, for: problem))
            #expect(ScheduleValidator.violations(of: schedule, in: problem) == [])
        }
    }
}

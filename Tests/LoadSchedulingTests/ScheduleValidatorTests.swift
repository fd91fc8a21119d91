import LoadScheduling
import ServingCore
import Testing

struct ScheduleValidatorTests {
    private let problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 20, uplinkFactor: 2), seed: 4)
    private var schedule: LoadSchedule { GreedyScheduler().solve(problem, limits: .none).schedule }

    private func violations(_ change: (inout LoadSchedule) -> Void) -> [String] {
        var changed = schedule
        change(&changed)
        return ScheduleValidator.violations(of: changed, in: problem)
    }

    private func expectFound(_ change: (inout LoadSchedule) -> Void, _ location: SourceLocation = #_sourceLocation) {
        #expect(!violations(change).isEmpty, sourceLocation: location)
    }

    @Test func `a schedule left as it is is valid`() {
        #expect(schedule.batches.count > 1)
        #expect(ScheduleValidator.violations(of: schedule, in: problem) == [])
    }

    @Test func `a batch moved ahead of its time is found`() {
        expectFound { $0.batches[1].inferStart -= 0.01 }
        expectFound { $0.batches[1].loadStart -= 0.01 }
        expectFound { $0.batches[0].finish += 0.01 }
    }

    @Test func `a deadline missed is found`() {
        let late = violations {
            $0.batches[$0.batches.count - 1].inferStart += 1
            $0.batches[$0.batches.count - 1].finish += 1
        }
        #expect(late.contains { $0.hasSuffix("ends late") })
    }

    @Test func `blocks not loaded are found`() {
        expectFound { $0.batches[0].loadedBlocks.removeLast() }
    }

    @Test func `a share lowered and an uplink overdrawn are found`() {
        let served = schedule.batches[0].requests[0]
        expectFound { $0.shares[served] = Hertz(($0.shares[served]?.rawValue ?? 0) / 2) }
        expectFound { $0.shares[served] = Hertz(problem.server.uplink.rawValue * 2) }
    }

    @Test func `requests served twice, forgotten or of another model are found`() {
        expectFound { $0.batches[1].requests.append($0.batches[0].requests[0]) }
        expectFound { $0.unserved = [:] }
        expectFound { $0.batches.removeLast() }
        expectFound { $0.batches[0].requests[0] = 10_000 }
    }

    @Test func `memory overdrawn is found`() {
        var small = problem
        small.server.memoryBytes /= 4
        #expect(!ScheduleValidator.violations(of: schedule, in: small).isEmpty)
    }
}

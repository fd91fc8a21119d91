import AdmissionControl
import LoadScheduling
import ServingCore
import TestSupport
import Testing

struct AdmissionControllerTests {
    private var controller = AdmissionController(maximumQueuedRequests: 100)
    private var plan: [BatchOutline] = []
    private var state = ServerState()
    /// Model 0: a block of 0.1 s; model 1: one of 0.2 s; each batch takes 0.01 s and 0.01 s per request, at most 4.
    private var server: EdgeServer

    init() {
        let blocks = [0.1, 0.2].map { EdgeServer.Block(bytes: 10, loadSeconds: $0) }
        let models = [[0], [1]].map {
            EdgeServer.Model(blocks: $0, baseSeconds: 0.01, itemSeconds: 0.01, maximumBatchSize: 4)
        }
        server = EdgeServer(blocks: blocks, models: models, memoryBytes: 20)
    }

    private mutating func decide(_ question: AdmissionQuestion) -> AdmissionVerdict {
        controller.decide(question, plan: &plan, on: server, from: state)
    }

    private mutating func admit(_ question: AdmissionQuestion) throws -> Admission {
        guard case .admit(let admission) = decide(question) else {
            throw ServingError(.internalError, "refused")
        }
        return admission
    }

    private mutating func refusal(_ question: AdmissionQuestion) throws -> ServingError {
        let before = plan
        guard case .reject(let error) = decide(question) else {
            throw ServingError(.internalError, "admitted")
        }
        #expect(plan == before)
        return error
    }

    @Test mutating func `an idle server takes what load and compute allow, and says what it reckoned with`() throws {
        let admission = try admit(AdmissionQuestion(model: 0, deadline: 0.13, uploadEnd: 0.05))
        #expect(admission.placement == .insert(0))
        #expect(admission.estimate.load == .milliseconds(100))
        #expect(admission.estimate.compute == .milliseconds(20))
        #expect(admission.estimate.upload == .milliseconds(50))
        #expect(admission.share == nil)
        #expect(plan == [BatchOutline(model: 0, count: 1, deadline: 0.13, uploadEnd: 0.05)])
    }

    @Test mutating func `a deadline that cannot be met is refused with the estimates`() throws {
        let error = try refusal(AdmissionQuestion(model: 0, deadline: 0.11))
        #expect(error.code == .deadlineUnreachable)
        #expect(error.breakdown?.load == .milliseconds(100))
        #expect(error.deadline == .milliseconds(110))
        #expect(error.message.contains("load 100.0 ms"))
    }

    @Test mutating func `nobody admitted is made late by a newcomer`() throws {
        state.resident = BlockSet([0, 1])
        _ = try admit(AdmissionQuestion(model: 0, deadline: 0.025))
        let error = try refusal(AdmissionQuestion(model: 1, deadline: 0.022))
        #expect(error.code == .deadlineUnreachable)
        let later = try admit(AdmissionQuestion(model: 1, deadline: 0.05))
        #expect(later.placement == .insert(1))
        #expect(later.estimate.wait == .milliseconds(20))
    }

    @Test mutating func `a batch of the same model takes it in until it is full or someone would be late`() throws {
        state.resident = BlockSet([0])
        for expected in [Placement.insert(0), .join(0), .join(0), .join(0), .insert(1)] {
            #expect(try admit(AdmissionQuestion(model: 0, deadline: 1)).placement == expected)
        }
        plan = [BatchOutline(model: 0, count: 1, deadline: 0.025)]
        #expect(try admit(AdmissionQuestion(model: 0, deadline: 1)).placement == .insert(1))
    }

    @Test mutating func `who may only join gets a batch of its own where none waits that has room, else none`() throws {
        state.resident = BlockSet([0])
        var question = AdmissionQuestion(model: 0, deadline: 1)
        question.joinsOnly = true
        #expect(try admit(question).placement == .insert(0))
        plan = [BatchOutline(model: 0, count: 1, deadline: 0.025)]
        // No deadline would do: the batch that waits has no time for another.
        #expect(try refusal(question).earliestDeadline == nil)
        plan = [BatchOutline(model: 0, count: server.models[0].maximumBatchSize, deadline: 1)]
        #expect(try admit(question).placement == .insert(1))
    }

    @Test mutating func `an earlier deadline goes first where that hurts nobody`() throws {
        state.resident = BlockSet([0, 1])
        _ = try admit(AdmissionQuestion(model: 0, deadline: 1))
        #expect(try admit(AdmissionQuestion(model: 1, deadline: 0.5)).placement == .insert(0))
    }

    @Test mutating func `an uplink promised to others refuses, and the share is the least one scaled up`() throws {
        server.uplink = Hertz(100)
        state.resident = BlockSet([0])
        let first = try admit(AdmissionQuestion(model: 0, deadline: 1.02, uplinkWork: 60))
        #expect(abs((first.share?.rawValue ?? 0) - 100) < 1e-6)
        let error = try refusal(AdmissionQuestion(model: 0, deadline: 1.04, uplinkWork: 60))
        #expect(error.code == .uplinkUnavailable)
        let second = try admit(AdmissionQuestion(model: 0, deadline: 1.04, uplinkWork: 20))
        #expect(abs((second.share?.rawValue ?? 0) - 25) < 1)
    }

    @Test mutating func `a model that does not fit beside what is pinned is refused`() throws {
        state.pinned = BlockSet([1])
        server.memoryBytes = 19
        #expect(try refusal(AdmissionQuestion(model: 0, deadline: 10)).code == .memoryUnavailable)
    }

    @Test mutating func `a full queue refuses and says when to come again`() throws {
        _ = try admit(AdmissionQuestion(model: 0, deadline: 1))
        let error = try refusal(AdmissionQuestion(model: 0, deadline: 1, queuedRequests: 100))
        #expect(error.code == .queueFull)
        #expect(error.retryAfter == .milliseconds(120))
    }

    @Test mutating func `what is late already does not stop newcomers who make no more late`() throws {
        state.resident = BlockSet([0, 1])
        plan = [BatchOutline(model: 0, count: 1, deadline: 0.001)]
        #expect(try admit(AdmissionQuestion(model: 1, deadline: 0.5)).placement == .insert(1))
    }

    /// A batch of 50 ms that is late by 18, and in time, 7 ms early, with half of a margin of four.
    private mutating func planLateBatch(deadline: Double) {
        state.resident = BlockSet([0, 1])
        plan = [BatchOutline(model: 0, count: 4, deadline: deadline)]
    }

    @Test mutating func `what is late only with the whole margin is not made late with the half of it`() throws {
        planLateBatch(deadline: 0.032)
        // 20 ms before it: it would end at 70 ms, at 35 with half of the margin.
        #expect(try refusal(AdmissionQuestion(model: 1, deadline: 0.03, margin: 4)).code == .deadlineUnreachable)
        planLateBatch(deadline: 0.036)
        #expect(try admit(AdmissionQuestion(model: 1, deadline: 0.03, margin: 4)).placement == .insert(0))
    }

    @Test mutating func `without a margin what is late is late`() throws {
        planLateBatch(deadline: 0.032)
        #expect(try admit(AdmissionQuestion(model: 1, deadline: 0.03)).placement == .insert(0))
    }

    @Test(arguments: UInt64(0)..<50)
    func `a plan that was feasible stays feasible`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var controller = AdmissionController(maximumQueuedRequests: 1000)
        var server = server
        server.memoryBytes = seed % 2 == 0 ? 10 : 20
        if seed % 3 == 0 { server.uplink = Hertz(1000) }
        var plan: [BatchOutline] = []
        for _ in 0..<60 {
            let question = AdmissionQuestion(
                model: .random(in: 0...1, using: &random),
                deadline: .random(in: 0.05...3, using: &random),
                uplinkWork: seed % 3 == 0 ? .random(in: 1...100, using: &random) : 0
            )
            let count = plan.reduce(0) { $0 + $1.count }
            let verdict = controller.decide(question, plan: &plan, on: server, from: state)
            var timeline = ScheduleTimeline()
            timeline.compute(plan, on: server, from: state)
            #expect(timeline.isFeasible)
            guard case .admit = verdict else { continue }
            #expect(plan.reduce(0) { $0 + $1.count } == count + 1)
        }
    }
}

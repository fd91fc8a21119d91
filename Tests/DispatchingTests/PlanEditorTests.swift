import AdmissionControl
import LoadScheduling
import ServingCore
import TestSupport
import Testing

@testable import Dispatching

struct PlanEditorTests {
    /// Four models of one block and 10 ms each, of which memory holds two.
    private static let server = EdgeServer(
        blocks: (0..<4).map { _ in EdgeServer.Block(bytes: 5, loadSeconds: 0.01) },
        models: (0..<4).map { EdgeServer.Model(blocks: [$0], baseSeconds: 0.009, itemSeconds: 0.001) },
        memoryBytes: 10
    )

    private static func entry(_ id: Int, model: Int, deadline: Double) -> RequestTable.Entry {
        RequestTable.Entry(
            id: RequestID(rawValue: UInt64(id)),
            model: model,
            phase: .ready,
            batch: -1,
            deadline: deadline,
            slack: 0,
            uploadEnd: -.infinity,
            since: 0,
            work: 0,
            wholeWork: 0,
            share: 0,
            efficiency: 1,
            progressed: 0
        )
    }

    private static func queue(_ requests: [(model: Int, deadline: Double)]) -> RequestQueue {
        var queue = RequestQueue()
        for (id, request) in requests.enumerated() {
            let entry = entry(id, model: request.model, deadline: request.deadline)
            _ = queue.enter(entry, at: queue.makePlace(for: entry, room: 4, byDeadline: false))
        }
        return queue
    }

    private static func editor() -> PlanEditor {
        PlanEditor(maximumQueuedRequests: 100, namesEarliestDeadline: false)
    }

    @Test func `a later batch may run now unless that makes one before it late`() {
        let state = ServerState(resident: BlockSet([0, 1]))
        for (deadline, isSafe) in [(0.0205, true), (0.0195, false)] {
            let queue = Self.queue([(0, deadline), (1, 1)])
            var editor = Self.editor()
            editor.update(queue, on: Self.server, from: state)
            editor.tryRunning([1], startingAt: 1, queue, on: Self.server, from: state)
            #expect(editor.isTrialSafe(margin: 1, at: 0) == isSafe)
        }
    }

    @Test func `a load that comes first makes those late that wait for theirs`() {
        let queue = Self.queue([(0, 0.025)])
        var editor = Self.editor()
        var then = ServerState()
        then.loaderFree = 0.02
        let makesLate = editor.makesLate(then, queue, on: Self.server, from: ServerState())
        #expect(makesLate)
    }

    @Test func `an order in which fewer are late is better, and the plan itself is no better than itself`() {
        let queue = Self.queue([(0, 1), (1, 0.025)])
        var better = queue.plan
        better.move(1, to: 0)
        var editor = Self.editor()
        let isBetter = [better, queue.plan].map {
            editor.isBetter($0, than: queue, on: Self.server, from: ServerState())
        }
        #expect(isBetter == [true, false])
    }

    @Test(arguments: UInt64(0)..<20)
    func `an admitted request is in time by the plan, and makes no other late`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var (queue, editor) = (RequestQueue(), Self.editor())
        var state = ServerState()
        for id in 0..<60 {
            state.now += .random(in: 0...0.01, using: &random)
            (state.executorFree, state.loaderFree) = (state.now, state.now)
            let deadline = state.now + .random(in: 0.01...0.3, using: &random)
            let entry = Self.entry(id, model: .random(in: 0..<4, using: &random), deadline: deadline)
            let question = AdmissionQuestion(model: entry.model, deadline: deadline)
            editor.update(queue, on: Self.server, from: state)
            let late = editor.timeline.lateRequests
            if case .admit(let admission) = editor.ask(question, &queue, on: Self.server, from: state) {
                let slot = queue.enter(entry, at: admission.placement)
                editor.update(queue, on: Self.server, from: state)
                let place = queue.plan.index(ofBatch: queue[slot].batch) ?? 0
                #expect(editor.timeline.entries[place].finish <= deadline + 1e-9, "seed \(seed)")
            } else {
                editor.update(queue, on: Self.server, from: state)
            }
            #expect(editor.timeline.lateRequests <= late, "seed \(seed)")
            let before = queue.plan.outlines
            if !before.isEmpty {
                editor.tryPromoting(0, queue, on: Self.server, from: state)
                #expect(editor.isTrialSafe(margin: 1.3, at: state.now), "seed \(seed)")
            }
            #expect(queue.plan.outlines == before)
            guard let first = before.first, Bool.random(using: &random) else { continue }
            queue.start(queue.readyMembers(of: 0), model: first.model)
        }
    }
}

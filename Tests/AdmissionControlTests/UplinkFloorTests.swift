import LoadScheduling
import ServingCore
import TestSupport
import Testing

@testable import AdmissionControl

/// The bound by which places are passed over, against whole timelines.
struct UplinkFloorTests {
    private struct Case {
        var server: EdgeServer
        var plan: [BatchOutline] = []
        var state = ServerState()

        init(_ reuse: EdgeServer.Reuse, overlap: Bool, _ random: inout SeededGenerator) {
            let blocks = (0..<16).map { EdgeServer.Block(bytes: 10, loadSeconds: 0.004 + 0.001 * Double($0 % 4)) }
            let models = (0..<6).map { model in
                EdgeServer.Model(
                    blocks: [12 + model / 2, 2 * model, 2 * model + 1],
                    baseSeconds: 0.002,
                    itemSeconds: 0.001
                )
            }
            server = EdgeServer(
                blocks: blocks,
                models: models,
                memoryBytes: [30, 60, 200].randomElement(using: &random) ?? 30,
                uplink: Hertz(.random(in: 20...400, using: &random)),
                reuse: reuse,
                overlap: overlap
            )
            state.now = 0.25
            for index in 0..<Int.random(in: 0...12, using: &random) {
                plan.append(
                    BatchOutline(
                        model: .random(in: 0..<6, using: &random),
                        count: .random(in: 1...4, using: &random),
                        deadline: 0.4 + 0.05 * Double(index) + .random(in: 0...0.2, using: &random),
                        uplinkWork: Bool.random(using: &random) ? .random(in: 0.1...5, using: &random) : 0,
                        leastWindow: Bool.random(using: &random) ? .random(in: 0...0.3, using: &random) : 0
                    )
                )
            }
        }

        /// The plan with a request at a place.
        func plan(with question: AdmissionQuestion, at placement: Placement) -> [BatchOutline] {
            let controller = AdmissionController(maximumQueuedRequests: 1)
            var plan = plan
            _ = controller.place(question, at: placement, in: &plan)
            return plan
        }
    }

    @Test(arguments: UInt64(0)..<200)
    func `the least shares are never under it where nobody is late, and it says so for every place`(seed: UInt64) {
        for reuse in EdgeServer.Reuse.allCases {
            for overlap in [false, true] {
                var random = SeededGenerator(seed: seed)
                let instance = Case(reuse, overlap: overlap, &random)
                var floor = UplinkFloor()
                floor.prepare(instance.plan, instance.server, instance.state)
                for _ in 0..<10 {
                    let question = AdmissionQuestion(
                        model: .random(in: 0..<6, using: &random),
                        deadline: .random(in: 0.3...1.5, using: &random),
                        uplinkWork: .random(in: 0.1...5, using: &random),
                        leastWindow: Bool.random(using: &random) ? .random(in: 0...0.05, using: &random) : 0
                    )
                    let joins = instance.plan.indices.filter { instance.plan[$0].model == question.model }
                    let places = joins.map { Placement.join($0) } + (0...instance.plan.count).map { .insert($0) }
                    for placement in places { expectBelow(floor, question, placement, instance) }
                }
            }
        }
    }

    private func expectBelow(
        _ floor: UplinkFloor,
        _ question: AdmissionQuestion,
        _ placement: Placement,
        _ instance: Case
    ) {
        var timeline = ScheduleTimeline()
        timeline.compute(instance.plan(with: question, at: placement), on: instance.server, from: instance.state)
        guard timeline.lateRequests == 0 else { return }
        let (server, state) = (instance.server, instance.state)
        let least = floor.leastShares(with: question, at: placement, in: instance.plan, server, state)
        #expect(least <= timeline.leastShareTotal * (1 + 1e-6))
        #expect(least > question.uplinkWork / max(question.deadline - state.now, 1e-9))
    }

    @Test(arguments: UInt64(0)..<100)
    func `what is admitted is what whole timelines say, place by place`(seed: UInt64) {
        for reuse in EdgeServer.Reuse.allCases {
            var random = SeededGenerator(seed: seed)
            var instance = Case(reuse, overlap: true, &random)
            // Models that share nothing spare nobody a load, so that what is passed over is exact.
            instance.server.models = (0..<6).map { model in
                EdgeServer.Model(blocks: [2 * model, 2 * model + 1], baseSeconds: 0.002, itemSeconds: 0.001)
            }
            instance.server.memoryBytes = 1000
            instance.plan.removeAll()
            var controller = AdmissionController(maximumQueuedRequests: .max)
            for _ in 0..<40 {
                let question = AdmissionQuestion(
                    model: .random(in: 0..<6, using: &random),
                    deadline: .random(in: 0.27...1.2, using: &random),
                    uplinkWork: .random(in: 0.1...4, using: &random),
                    leastWindow: Bool.random(using: &random) ? .random(in: 0...0.05, using: &random) : 0
                )
                var before = ScheduleTimeline()
                before.compute(instance.plan, on: instance.server, from: instance.state)
                let expected = firstAccepted(question, controller, before, instance)
                let verdict = controller.decide(
                    question,
                    plan: &instance.plan,
                    on: instance.server,
                    from: instance.state,
                    version: 1
                )
                if case .admit(let admission) = verdict {
                    #expect(admission.placement == expected)
                } else {
                    #expect(expected == nil)
                }
            }
        }
    }

    /// The first place, in the order they are tried, where whole timelines from scratch find no promise broken.
    private func firstAccepted(
        _ question: AdmissionQuestion,
        _ controller: AdmissionController,
        _ before: ScheduleTimeline,
        _ instance: Case
    ) -> Placement? {
        var controller = controller
        controller.before = before
        return controller.places(for: question, in: instance.plan, on: instance.server).first { placement in
            var after = ScheduleTimeline()
            after.compute(instance.plan(with: question, at: placement), on: instance.server, from: instance.state)
            return after.lateRequests <= before.lateRequests && after.uplinkSuffices && !after.exceedsMemory
        }
    }
}

import AdmissionControl
import LoadScheduling
import ServingCore
import TestSupport
import Testing

/// What a newcomer may do to requests where some are late already.
struct LateRequestTests {
    /// Six models of three blocks each, of which neighbours share one.
    private static let server: EdgeServer = {
        let blocks = (0..<13).map { EdgeServer.Block(bytes: 10, loadSeconds: 0.02 + 0.005 * Double($0 % 4)) }
        let models = (0..<6).map {
            EdgeServer.Model(
                blocks: [2 * $0, 2 * $0 + 1, 2 * $0 + 2],
                baseSeconds: 0.01,
                itemSeconds: 0.005,
                maximumBatchSize: 4
            )
        }
        return EdgeServer(blocks: blocks, models: models, memoryBytes: 60)
    }()

    private static func isLate(_ place: Int, _ plan: [BatchOutline], _ timeline: ScheduleTimeline) -> Bool {
        timeline.entries[place].finish > plan[place].deadline + 1e-9
    }

    @Test func `a newcomer is in time itself, and makes no other late even where it spares one that was`() {
        var random = SeededGenerator(seed: 7)
        var (judged, admitted) = (0, 0)
        for _ in 0..<600 {
            var plan = (0..<Int.random(in: 2...6, using: &random)).map { place in
                BatchOutline(
                    model: .random(in: 0..<6, using: &random),
                    count: .random(in: 1...3, using: &random),
                    deadline: 0.05 * Double(place) + .random(in: 0.05...0.3, using: &random)
                )
            }
            let before = plan
            var (old, new) = (ScheduleTimeline(), ScheduleTimeline())
            old.compute(before, on: Self.server, from: ServerState())
            guard old.lateRequests > 0 else { continue }
            judged += 1
            var controller = AdmissionController(maximumQueuedRequests: 100)
            let question = AdmissionQuestion(
                model: .random(in: 0..<6, using: &random),
                deadline: .random(in: 0.05...0.8, using: &random),
                margin: 1.2
            )
            let verdict = controller.decide(question, plan: &plan, on: Self.server, from: ServerState())
            guard case .admit(let admission) = verdict else { continue }
            admitted += 1
            new.compute(plan, on: Self.server, from: ServerState())
            let own = admission.placement.index
            #expect(!Self.isLate(own, plan, new))
            for place in plan.indices where place != own && Self.isLate(place, plan, new) {
                let wasInserted = admission.placement == .insert(own)
                #expect(Self.isLate(wasInserted && place > own ? place - 1 : place, before, old))
            }
        }
        #expect(judged > 100)
        #expect(admitted > 50)
    }
}

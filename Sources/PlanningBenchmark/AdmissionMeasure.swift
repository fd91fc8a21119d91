import AdmissionControl
import Foundation
import LoadScheduling
import ServingCore
import TestSupport

/// How long one admission takes with 1,000 requests planned, in processor time.
///
/// Each question meets the plan as it was made, whose timeline the controller has kept (a burst of arrivals), or anew, with nothing
/// remembered.
struct AdmissionMeasure {
    /// What the plan is for.
    struct Shape {
        var reuse: EdgeServer.Reuse
        var overlap: Bool
        /// Whether only twelve models are asked for, in few, large batches.
        var isFew = false
        /// Accelerator memory over all models' bytes.
        var memory = 0.1
        /// Whether uploads are paced.
        var isPaced = true

        var name: String {
            let models = isFew ? "12 models" : "300 models"
            let pace = isPaced ? "paced" : "unpaced"
            return
                "\(reuse.rawValue), overlap \(overlap ? "on" : "off"), \(models), memory for \(Int(memory * 100)) %, \(pace)"
        }

        static let all: [Shape] = [
            Shape(reuse: .consecutive, overlap: false), Shape(reuse: .consecutive, overlap: true),
            Shape(reuse: .retained, overlap: false), Shape(reuse: .retained, overlap: true),
            Shape(reuse: .retained, overlap: true, isPaced: false),
            Shape(reuse: .retained, overlap: true, memory: 0.02),
            Shape(reuse: .retained, overlap: true, memory: 1), Shape(reuse: .retained, overlap: true, isFew: true),
        ]
    }

    private let shape: Shape
    private let problem: SchedulingProblem
    private let plan: [BatchOutline]
    /// The largest number of seconds all batches together take.
    private let end: Double
    private let seed: UInt64

    /// Plans 1,000 requests, all of which can be served.
    init(_ shape: Shape, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var problem = InstanceGenerator.problem(.large, seed: seed)
        problem.server.reuse = shape.reuse
        problem.server.overlap = shape.overlap
        problem.server.memoryBytes = Int(Double(Self.bytes(problem.server)) * shape.memory)
        problem.requests = Array(problem.requests.prefix(1000))
        for index in problem.requests.indices {
            if shape.isFew { problem.requests[index].model %= 12 }
            if !shape.isPaced { problem.requests[index].bits = 0 }
            problem.requests[index].deadline = .random(in: 100...200, using: &random)
        }
        let need = problem.requests.reduce(0) { $0 + $1.uplinkWork }
        problem.server.uplink = Hertz(shape.isPaced ? need / 25 : .infinity)
        plan = Self.plan(problem)
        var timeline = ScheduleTimeline()
        timeline.compute(plan, on: problem.server, from: problem.state)
        end = timeline.end
        self.problem = problem
        self.shape = shape
        self.seed = seed
    }

    /// Every block once.
    private static func bytes(_ server: EdgeServer) -> Int { server.blocks.reduce(0) { $0 + $1.bytes } }

    /// Batches of a model's requests by deadline, at most eight in each.
    private static func plan(_ problem: SchedulingProblem) -> [BatchOutline] {
        let byModel = Dictionary(grouping: problem.requests.indices) { problem.requests[$0].model }
        var outlines: [BatchOutline] = []
        for (model, requests) in byModel {
            let sorted = requests.sorted { problem.requests[$0].deadline < problem.requests[$1].deadline }
            for start in stride(from: 0, to: sorted.count, by: 8) {
                outlines.append(problem.outline(of: Array(sorted[start...].prefix(8)), model: model))
            }
        }
        return outlines.sorted { ($0.deadline, $0.model) < ($1.deadline, $1.model) }
    }

    /// Every shape.
    static func measureAll(seed: UInt64) -> [Bar] {
        let bars = Shape.all.flatMap { AdmissionMeasure($0, seed: seed).measure() }
        print("")
        return bars
    }

    /// What a question is like.
    private enum Kind: CaseIterable {
        /// Has time for any place.
        case relaxed
        /// In a hurry: goes before all others or is refused.
        case urgent
        /// Cannot be met by any place.
        case hopeless
    }

    /// Prints what was measured.
    private func measure() -> [Bar] {
        let planned = plan.reduce(0) { $0 + $1.count }
        print("admission into \(planned) requests in \(plan.count) batches (\(shape.name))")
        let kept = Kind.allCases.map { measure($0, keepsTimeline: true) } + [measureBurst()]
        let computed = Kind.allCases.map { measure($0, keepsTimeline: false) }
        let isWhole = planned == 1000
        return [
            bar("added, worst median", kept.map(\.admitted.median), isWhole),
            bar("added, worst 99th percentile", kept.map(\.admitted.high), isWhole),
            bar("refused with the deadline that would do, worst median", kept.map(\.refused.median), isWhole),
            bar("plan new, worst median", computed.map(\.all.median), isWhole),
        ]
    }

    /// The bar for the worst of `figures`, in milliseconds.
    private func bar(_ name: String, _ figures: [Double], _ isWhole: Bool) -> Bar {
        let highest = figures.max() ?? .infinity
        return Bar(
            name: "admission (\(shape.name)): into a schedule of 1,000 at most 0.2 ms (\(name))",
            figure: String(format: "%.4f ms", highest),
            isReached: isWhole && highest <= 0.2
        )
    }

    private func measure(_ kind: Kind, keepsTimeline: Bool) -> AdmissionFigures {
        var random = SeededGenerator(seed: seed &+ 1)
        var controller = AdmissionController(maximumQueuedRequests: .max)
        var figures = AdmissionFigures()
        for round in 0..<300 {
            let question = question(kind, &random)
            var plan = plan
            plan.reserveCapacity(plan.count + 1)
            if keepsTimeline { prepare(&controller, &plan, round) } else { mislead(&controller, round) }
            figures.measure {
                controller.decide(
                    question,
                    plan: &plan,
                    on: problem.server,
                    from: problem.state,
                    version: keepsTimeline ? round : nil
                )
            }
        }
        print(figures.line("\(kind), timeline \(keepsTimeline ? "kept" : "computed")"))
        return figures
    }

    /// Sees to it that the controller has the plan's timeline, as one has that was asked before.
    private func prepare(_ controller: inout AdmissionController, _ plan: inout [BatchOutline], _ round: Int) {
        var random = SeededGenerator(seed: seed)
        let question = question(.hopeless, &random)
        _ = controller.decide(question, plan: &plan, on: problem.server, from: problem.state, version: round)
    }

    /// Sees to it that the controller has the timeline of another order, of which nothing holds.
    private func mislead(_ controller: inout AdmissionController, _ round: Int) {
        var other = plan
        if let last = other.indices.last(where: { other[$0].model != other[0].model }) { other.swapAt(0, last) }
        prepare(&controller, &other, round)
    }

    /// One after the other into the same plan, as they come when many arrive at once.
    private func measureBurst() -> AdmissionFigures {
        var random = SeededGenerator(seed: seed &+ 2)
        var controller = AdmissionController(maximumQueuedRequests: .max)
        var figures = AdmissionFigures()
        var plan = plan
        prepare(&controller, &plan, 1)
        for _ in 0..<300 {
            let question = question(Kind.allCases.randomElement(using: &random) ?? .relaxed, &random)
            figures.measure {
                controller.decide(question, plan: &plan, on: problem.server, from: problem.state, version: 1)
            }
        }
        print(figures.line("a burst of all kinds"))
        return figures
    }

    private func question(_ kind: Kind, _ random: inout SeededGenerator) -> AdmissionQuestion {
        let models = shape.isFew ? 12 : problem.server.models.count
        let deadline: Double =
            switch kind {
            case .relaxed: .random(in: 50...200, using: &random)
            case .urgent: .random(in: 0.1...max(end / 2, 1), using: &random)
            case .hopeless: .random(in: 0.0001...0.001, using: &random)
            }
        return AdmissionQuestion(
            model: .random(in: 0..<models, using: &random),
            deadline: deadline,
            uplinkWork: shape.isPaced ? .random(in: 1e5...1e6, using: &random) : 0,
            queuedRequests: 1000
        )
    }
}

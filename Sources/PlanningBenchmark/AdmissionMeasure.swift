import AdmissionControl
import Foundation
import LoadScheduling
import ServingCore
import TestSupport

/// How long one admission takes with 1,000 requests planned, nothing remembered from the question before.
struct AdmissionMeasure {
    private let problem: SchedulingProblem
    private let plan: [BatchOutline]
    private let seed: UInt64

    /// Plans 1,000 requests for up to 300 models, all of which can be served.
    init(seed: UInt64, reuse: EdgeServer.Reuse, overlap: Bool) {
        var random = SeededGenerator(seed: seed)
        var problem = InstanceGenerator.problem(.large, seed: seed)
        problem.server.reuse = reuse
        problem.server.overlap = overlap
        problem.requests = Array(problem.requests.prefix(1000))
        for index in problem.requests.indices {
            problem.requests[index].deadline = .random(in: 100...200, using: &random)
        }
        let need = problem.requests.reduce(0) { $0 + $1.uplinkWork }
        problem.server.uplink = Hertz(need)
        let schedule = GreedyScheduler().solve(problem, limits: .none).schedule
        plan = schedule.batches.map { problem.outline(of: $0.requests, model: $0.model) }
        self.problem = problem
        self.seed = seed
    }

    /// Every mode of loading.
    static func measureAll(seed: UInt64) -> [Bar] {
        let bars = EdgeServer.Reuse.allCases.flatMap { reuse in
            [false, true].map { AdmissionMeasure(seed: seed, reuse: reuse, overlap: $0).measure() }
        }
        print("")
        return bars
    }

    /// Prints what was measured.
    private func measure() -> Bar {
        var random = SeededGenerator(seed: seed &+ 1)
        var controller = AdmissionController(maximumQueuedRequests: .max)
        var times: [Double] = []
        var admitted = 0
        for _ in 0..<500 {
            let question = question(&random)
            var plan = plan
            plan.reserveCapacity(plan.count + 1)
            let start = SystemMonotonicClock.now()
            let verdict = controller.decide(question, plan: &plan, on: problem.server, from: problem.state)
            times.append(start.seconds(to: SystemMonotonicClock.now()) * 1e3)
            if case .admit = verdict { admitted += 1 }
        }
        times.sort()
        let planned = plan.reduce(0) { $0 + $1.count }
        let median = times[times.count / 2]
        let high = times[times.count * 99 / 100]
        let mode = "\(problem.server.reuse.rawValue), overlap \(problem.server.overlap ? "on" : "off")"
        print("admission (\(mode)) into \(planned) requests in \(plan.count) batches: \(admitted) of 500 admitted")
        print(String(format: "  median %.4f ms, 99th percentile %.4f ms, longest %.4f", median, high, times.last ?? 0))
        return Bar(
            name: "admission (\(mode)): into a schedule of 1,000 at most 0.2 ms (99th percentile)",
            figure: String(format: "%.4f ms", high),
            isReached: planned == 1000 && high <= 0.2
        )
    }

    /// A request like those planned; one in four is in a hurry.
    private func question(_ random: inout SeededGenerator) -> AdmissionQuestion {
        let isUrgent = Int.random(in: 0..<4, using: &random) == 0
        return AdmissionQuestion(
            model: .random(in: 0..<problem.server.models.count, using: &random),
            deadline: isUrgent ? .random(in: 0.05...5, using: &random) : .random(in: 50...200, using: &random),
            uplinkWork: .random(in: 1e5...1e6, using: &random),
            queuedRequests: 1000
        )
    }
}

import LoadScheduling
import ServingCore

extension InstanceGenerator {
    /// Up to five models of two families and twelve requests, with whatever a server may be set to.
    static func varied(_ random: inout SeededGenerator) -> SchedulingProblem {
        var zoo = ResNetZoo(&random)
        let families = Array(ResNetZoo.Architecture.allCases.shuffled(using: &random).prefix(2))
        for family in families {
            let variants = Int.random(in: 1...3, using: &random)
            if Bool.random(using: &random) {
                zoo.addPooled(family, variants: variants, own: .random(in: 0...0.5, using: &random), &random)
            } else {
                zoo.addBackbone(family, variants: variants, &random)
            }
        }
        var problem = RequestMaker(
            count: .random(in: 8...12, using: &random),
            zipf: .random(in: 0...1.2, using: &random),
            horizon: zoo.secondsToLoadAll * .random(in: 0.3...1.5, using: &random),
            earliest: Bool.random(using: &random) ? 1 : .random(in: 0.1...0.8, using: &random)
        ).problem(zoo.server, uplinkOverNeed: .random(in: 0.2...3, using: &random), &random)
        vary(&problem, &random)
        return problem
    }

    private static func vary(_ problem: inout SchedulingProblem, _ random: inout SeededGenerator) {
        problem.server.reuse = Bool.random(using: &random) ? .consecutive : .retained
        problem.server.overlap = Bool.random(using: &random)
        problem.server.shares = Int.random(in: 0..<3, using: &random) == 0 ? .varying : .constant
        let largest = problem.server.models.indices.map { problem.server.bytes(ofModel: $0) }.max() ?? 0
        let factor = Bool.random(using: &random) ? 1.0001 : Double.random(in: 1...3, using: &random)
        problem.server.memoryBytes = Int(Double(largest) * factor)
        if Int.random(in: 0..<3, using: &random) == 0 {
            let model = Int.random(in: 0..<problem.server.models.count, using: &random)
            problem.state.resident = problem.server.models[model].blockSet
        }
        guard Int.random(in: 0..<3, using: &random) == 0 else { return }
        for index in problem.requests.indices {
            problem.requests[index].weight = Double(Int.random(in: 1...5, using: &random))
        }
    }

    /// Up to five models of two clusters, one deadline, and an uplink for a part of what is asked.
    static func bound(_ random: inout SeededGenerator) -> SchedulingProblem {
        var zoo = ResNetZoo(&random)
        let families = Array(ResNetZoo.Architecture.allCases.shuffled(using: &random).prefix(2))
        for family in families {
            zoo.addBackbone(family, variants: .random(in: 1...3, using: &random), &random)
        }
        return RequestMaker(
            count: .random(in: 8...12, using: &random),
            zipf: .random(in: 0...1, using: &random),
            horizon: zoo.secondsToLoadAll * .random(in: 0.5...2, using: &random),
            earliest: 1
        ).problem(zoo.server, uplinkOverNeed: .random(in: 0.3...2.5, using: &random), &random)
    }
}

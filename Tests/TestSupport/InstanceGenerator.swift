public import LoadScheduling
import ServingCore

/// Makes instances of the planning problem from a seed: fine-tuned variants of ResNets that share blocks, requests whose
/// models follow Zipf's law, deadlines that leave time for a part of what is asked, and an uplink that binds or not.
public enum InstanceGenerator {
    /// What the instances are like.
    public enum Family: String, CaseIterable, Sendable {
        /// Four models of two families, about ten requests: small enough for exhaustive search.
        case small
        /// Variants that share the first blocks of their family and nothing else, one deadline, an uplink that does not bind.
        case backbone
        /// Variants with blocks from two or four pools of their family, deadlines over a factor of four, a tight uplink.
        case general
        /// Small ones of every mode: either reuse, loads beside inference or not, shares constant or varying, memory for hardly more
        /// than the largest model or for many, resident blocks, weights, common and mixed deadlines, a scarce or ample uplink.
        case varied
        /// Like `backbone`, but small enough for exhaustive search, and the uplink binds.
        case bound
        /// 10,000 requests, 300 models, 3,000 blocks.
        case large
    }

    /// The problem of `family` number `seed`: equal seeds, equal problems; consecutive reuse without overlap but for `varied`.
    public static func problem(_ family: Family, seed: UInt64) -> SchedulingProblem {
        var random = SeededGenerator(seed: seed)
        switch family {
        case .small: return small(&random)
        case .backbone: return backbone(&random)
        case .general: return general(&random)
        case .varied: return varied(&random)
        case .bound: return bound(&random)
        case .large: return large(&random)
        }
    }

    private static func small(_ random: inout SeededGenerator) -> SchedulingProblem {
        var zoo = ResNetZoo(&random)
        let families = Array(ResNetZoo.Architecture.allCases.shuffled(using: &random).prefix(2))
        for family in families { zoo.addPooled(family, variants: 2, own: 0.35, &random) }
        return RequestMaker(
            count: .random(in: 8...11, using: &random),
            zipf: .random(in: 0.3...1.2, using: &random),
            horizon: zoo.secondsToLoadAll * .random(in: 0.45...1, using: &random),
            earliest: 0.25
        ).problem(zoo.server, uplinkOverNeed: .random(in: 0.65...2, using: &random), &random)
    }

    private static func backbone(_ random: inout SeededGenerator) -> SchedulingProblem {
        var zoo = ResNetZoo(&random)
        let variants = Int.random(in: 8...25, using: &random)
        for family in ResNetZoo.Architecture.allCases { zoo.addBackbone(family, variants: variants, &random) }
        return RequestMaker(
            count: .random(in: 110...360, using: &random),
            zipf: .random(in: 0.7...1, using: &random),
            horizon: zoo.secondsToLoadAll * .random(in: 0.12...0.38, using: &random),
            earliest: 1
        ).problem(zoo.server, uplinkOverNeed: 1000, &random)
    }

    private static func general(_ random: inout SeededGenerator) -> SchedulingProblem {
        var zoo = ResNetZoo(&random)
        let variants = Int.random(in: 10...28, using: &random)
        for family in ResNetZoo.Architecture.allCases { zoo.addPooled(family, variants: variants, own: 0.15, &random) }
        return RequestMaker(
            count: .random(in: 100...260, using: &random),
            zipf: .random(in: 0.6...1, using: &random),
            horizon: zoo.secondsToLoadAll * .random(in: 0.11...0.37, using: &random),
            earliest: 0.25
        ).problem(zoo.server, uplinkOverNeed: .random(in: 0.8...1.8, using: &random), &random)
    }

    /// Thirty clusters of ten models; each model has ten blocks of its cluster and nine of its own.
    private static func large(_ random: inout SeededGenerator) -> SchedulingProblem {
        var zoo = ResNetZoo(&random)
        for _ in 0..<30 { zoo.addCluster(variants: 10, sharedBlocks: 10, ownBlocks: 9, &random) }
        return RequestMaker(
            count: 10_000,
            zipf: 0.8,
            horizon: zoo.secondsToLoadAll * 0.25,
            earliest: 0.25
        ).problem(zoo.server, uplinkOverNeed: 1, &random)
    }
}

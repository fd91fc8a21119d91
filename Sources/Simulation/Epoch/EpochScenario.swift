public import LoadScheduling
import ServingCore

/// One epoch of the paper's setting: users in a cell ask an edge server, all at the moment of planning.
public struct EpochScenario: Sendable {
    /// How the models share blocks.
    public enum Sharing: String, Hashable, Sendable {
        /// ResNets fine-tuned with frozen bottom layers.
        case backbone
        /// ResNets that share at arbitrary positions.
        case general
        /// Vision transformers with adapters.
        case adapters
    }

    /// How the models share blocks.
    public var sharing = Sharing.backbone
    /// How many models there are.
    public var models = 30
    /// The networks, where they are ResNets.
    public var architectures: [Architecture] = [.resnet18, .resnet34, .resnet50]
    /// The part of a model's bytes that is shared (backbone), or the probability that a block is (general).
    public var share = 0.8
    /// How many users there are, each with one request.
    public var users = 80
    /// The uplink's bandwidth (W), in hertz.
    public var uplinkHertz = 50e6
    /// Accelerator memory (M), in bytes.
    public var memoryBytes = 4_000_000_000
    /// The latest deadline, in seconds.
    public var deadline = 0.5
    /// The earliest deadline over the latest; 1 for one common deadline.
    public var earliestDeadline = 1.0
    /// Zipf's exponent of the models' popularity.
    public var zipf = 0.8
    /// The input of a request, in bits: from a strongly compressed to a raw image of 224 x 224 x 3 bytes.
    public var bits = 200_000.0...1_204_224.0
    /// What stays resident after a batch.
    public var reuse = EdgeServer.Reuse.consecutive
    /// Whether a load runs beside the inference of the batch before.
    public var overlap = false
    /// What multiplies the loading rate of the costs.
    public var loadingRateFactor = 1.0
    /// The cell.
    public var cell = RadioCell()

    /// The scenario all experiments start from.
    public init() {}

    /// The problem that `seed` draws.
    public func problem(seed: UInt64, costs: CostModel) -> SchedulingProblem {
        let random = SimulationRandom(seed: seed)
        var server = library(random.stream(1), costs).server
        server.memoryBytes = memoryBytes
        server.uplink = Hertz(uplinkHertz)
        server.reuse = reuse
        server.overlap = overlap
        return SchedulingProblem(server: server, requests: requests(random))
    }

    /// The models, with what they take by `stated`.
    func library(_ stream: SimulationRandom, _ stated: CostModel) -> ModelLibrary {
        var random = stream
        var costs = stated
        costs.loadBytesPerSecond *= loadingRateFactor
        switch sharing {
        case .backbone:
            return LibraryMaker.backbone(architectures, models: models, share: share, costs: costs)
        case .general:
            return LibraryMaker.general(architectures, models: models, share: share, costs: costs, random: &random)
        case .adapters:
            return LibraryMaker.adapted(families: 3, models: models, costs: costs)
        }
    }

    /// A stream for each purpose: more users, or other deadlines, leave the rest of a draw as it was.
    private func requests(_ random: SimulationRandom) -> [SchedulingProblem.Request] {
        var (ranks, choices, sizes) = (random.stream(2), random.stream(3), random.stream(4))
        var (places, deadlines) = (random.stream(5), random.stream(6))
        let popularity = ModelPopularity(models: models, exponent: zipf, random: &ranks)
        return (0..<users).map { _ in
            let spread = Double.random(in: 0...1, using: &deadlines)
            return SchedulingProblem.Request(
                model: popularity.model(&choices),
                bits: Double.random(in: bits, using: &sizes),
                efficiency: cell.efficiency(&places),
                deadline: deadline * (earliestDeadline + (1 - earliestDeadline) * spread)
            )
        }
    }
}

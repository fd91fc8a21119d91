import Dispatching
public import LoadScheduling
import ServingCore

/// A machine and what is asked of it over time.
public struct RollingScenario: Sendable {
    /// How the models share blocks, as in ``EpochScenario``.
    public var sharing = EpochScenario.Sharing.backbone
    /// How many models there are.
    public var models = 30
    /// The part of a model's bytes that is shared (backbone), or the probability that a block is (general).
    public var share = 0.8
    /// What is asked for, when.
    public var workload = Self.workload
    /// The uplink's bandwidth (W), in hertz.
    public var uplinkHertz = 40e6
    /// Accelerator memory (M), in bytes: a tenth of what the thirty models take whole.
    public var memoryBytes = 240_000_000
    /// What multiplies the loading rate of the costs.
    public var loadingRateFactor = 1.0
    /// By how much each estimate the machine starts with is off, at most, as a part of it.
    public var estimateError = 0.0
    /// By how much each load and batch is longer or shorter than on average, at most, as a part of it.
    public var jitter = 0.0
    /// How often the dispatcher hears how far uploads are, in seconds: as often as the server looks at them; nil for never.
    public var reportInterval: Double? = 0.025
    /// Links that change, in the order of their times.
    public var linkChanges: [LinkChange] = []
    /// The part of the requests that asks for the second version of its model; nil where models have one version.
    public var secondVersionPart: Double?

    /// The scenario all experiments start from.
    public init() {}

    private static var workload: RollingWorkload {
        var workload = RollingWorkload()
        workload.rate = 200
        workload.duration = 2
        workload.bytes = 25_000...150_528
        workload.timeout = 0.2...0.8
        workload.links = .cell(RadioCell())
        return workload
    }

    /// What `seed` draws: the machine and its requests.
    public func draw(seed: UInt64, costs: CostModel) -> (server: EdgeServer, arrivals: [RollingArrival]) {
        var epoch = EpochScenario()
        epoch.sharing = sharing
        epoch.share = share
        epoch.models = secondVersionPart == nil ? models : 2 * models
        epoch.loadingRateFactor = loadingRateFactor
        let random = SimulationRandom(seed: seed)
        let server = epoch.library(random.stream(1), costs).server
        var arrivals = workload.arrivals(models: models, seed: random.stream(2).seed)
        if let secondVersionPart {
            var versions = random.stream(3)
            for index in arrivals.indices {
                let isSecond = Double.random(in: 0..<1, using: &versions) < secondVersionPart
                arrivals[index].model = 2 * arrivals[index].model + (isSecond ? 1 : 0)
            }
        }
        return (server, arrivals)
    }

    /// What comes of `curve` on what `seed` draws.
    public func run(_ curve: RollingCurve, seed: UInt64, costs: CostModel) -> RollingOutcome {
        let (server, arrivals) = draw(seed: seed, costs: costs)
        var machine = RollingServer(server)
        if !curve.policy.sharesBlocks { machine = machine.whole }
        if estimateError > 0 { machine = machine.estimated(withError: estimateError, seed: seed) }
        var simulation = RollingSimulation(machine, settings(of: curve, seed: seed), arrivals: arrivals)
        return simulation.run()
    }

    private func settings(of curve: RollingCurve, seed: UInt64) -> RollingSettings {
        var configuration = DispatcherConfiguration(
            memoryLimit: ByteCount(memoryBytes),
            uplink: .bandwidth(Hertz(uplinkHertz), efficiency: SpectralEfficiency(rawValue: 4))
        )
        configuration.policy = curve.policy
        configuration.allocation = curve.shares
        // Nobody reads it here, and it decides nothing.
        configuration.namesEarliestDeadline = false
        var settings = RollingSettings(configuration, planner: curve.planner(seed: seed))
        settings.jitter = jitter
        settings.linkChanges = linkChanges
        settings.devices = workload.devices
        settings.reportInterval = reportInterval
        settings.seed = seed
        return settings
    }
}

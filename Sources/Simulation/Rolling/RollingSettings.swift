public import Dispatching

/// How a machine is run in simulation.
public struct RollingSettings: Sendable {
    /// The dispatcher's limits: the server's own type.
    public var configuration: DispatcherConfiguration
    /// Who looks for better orders; nil for nobody.
    public var planner: RollingPlanner?
    /// By how much each load and batch is longer or shorter than it is on average, at most; 0 for exactly the average.
    public var jitter = 0.0
    /// By how much longer a load or batch takes while the other goes on, as a part of what it takes alone.
    public var contention = 0.0
    /// How much loads and batches vary, alone and beside the other, as was measured; takes the place of ``contention``.
    public var variation: WorkVariation?
    /// By how much longer a batch takes while all other lanes run, as a part of what it takes alone.
    public var laneSlowdown = 0.0
    /// Seconds an order of loads takes beside its blocks': what goes out of memory goes first.
    public var orderSeconds = 0.0
    /// How often the dispatcher hears how far uploads are, in seconds; nil for never.
    public var reportInterval: Double?
    /// What each connection's buffers take in ahead of its granted rate.
    public var buffers = UploadBuffers()
    /// Links that change, in the order of their times.
    public var linkChanges: [LinkChange] = []
    /// How many devices ``LinkChange/devicesPart`` is a part of.
    public var devices = 1
    /// Whether the uploads a device has under way share its link; else each has it to itself.
    public var sharesDeviceLinks = false
    /// Seconds each request takes on its way to its batch and back, beside what is simulated.
    public var overhead = 0.0
    /// Processor time each request takes when it comes, in seconds, for which the load and the batch under way stand still.
    public var requestSeconds = 0.0
    /// What lots are drawn from.
    public var seed: UInt64 = 0

    /// Makes settings with the defaults of everything else.
    public init(_ configuration: DispatcherConfiguration, planner: RollingPlanner? = nil) {
        self.configuration = configuration
        self.planner = planner
    }
}

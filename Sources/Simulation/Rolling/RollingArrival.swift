/// One request of a workload: when it comes, what for, and over which link.
public struct RollingArrival: Hashable, Sendable {
    /// When its head arrives, in seconds from the start.
    public var time: Double
    /// The model, by its index in the server's catalog.
    public var model: Int
    /// What its body has, in bytes.
    public var bytes: Int
    /// How long after its arrival the answer must be there, in seconds.
    public var timeout: Double
    /// The device that sends it.
    public var device: Int
    /// What its device's link carries per hertz, in bit/s/Hz; nil where the device does not tell.
    public var efficiency: Double?
    /// How fast its device can send at best, in bit/s.
    public var linkRate: Double

    /// Makes an arrival.
    public init(
        time: Double,
        model: Int,
        bytes: Int,
        timeout: Double,
        device: Int = 0,
        efficiency: Double? = nil,
        linkRate: Double = 1e9
    ) {
        self.time = time
        self.model = model
        self.bytes = bytes
        self.timeout = timeout
        self.device = device
        self.efficiency = efficiency
        self.linkRate = linkRate
    }

    /// When its answer must be there, in seconds from the start.
    public var deadline: Double { time + timeout }
}

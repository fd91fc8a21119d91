/// One line of a trace: which device asks for what, and when.
public struct TraceRequest: Hashable, Sendable {
    /// When the device starts to send, in seconds from the start of the trace.
    public var arrival: Double
    /// The model it asks for.
    public var model: String
    /// The version; nil for the newest.
    public var version: Int?
    /// The device, whose link all its requests share.
    public var device: String
    /// How long after its arrival the answer must be there, in milliseconds.
    public var timeout: Int
    /// The least bytes of its body; nil for what the model's inputs take.
    public var bodyBytes: Int?
    /// A file to post instead of a generated body.
    public var bodyFile: String?
    /// What the device says of its link, in bit/s/Hz; nil where it says nothing.
    public var spectralEfficiency: Double?
    /// How fast the device can send at best, in bit/s; nil for as fast as it goes.
    public var linkRate: Double?

    /// Makes a line.
    public init(
        arrival: Double,
        model: String,
        version: Int? = nil,
        device: String,
        timeout: Int,
        bodyBytes: Int? = nil,
        bodyFile: String? = nil,
        spectralEfficiency: Double? = nil,
        linkRate: Double? = nil
    ) {
        self.arrival = arrival
        self.model = model
        self.version = version
        self.device = device
        self.timeout = timeout
        self.bodyBytes = bodyBytes
        self.bodyFile = bodyFile
        self.spectralEfficiency = spectralEfficiency
        self.linkRate = linkRate
    }
}

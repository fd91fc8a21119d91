public import ServingCore

/// A request at its head, before a byte of its body was read.
public struct Arrival: Hashable, Sendable {
    /// The request.
    public var id: RequestID
    /// The model it asks for.
    public var model: ModelID
    /// What its body will be (Content-Length).
    public var bodyBytes: ByteCount
    /// What its device's link carries per hertz, where the device knows; nil for the configured value.
    public var spectralEfficiency: SpectralEfficiency?
    /// What its device's link carries, where that was learned; nil where nothing is known.
    public var linkRate: BitsPerSecond?
    /// When its answer must be ready.
    public var deadline: MonotonicInstant

    /// Makes an arrival.
    public init(
        id: RequestID,
        model: ModelID,
        bodyBytes: ByteCount,
        spectralEfficiency: SpectralEfficiency? = nil,
        linkRate: BitsPerSecond? = nil,
        deadline: MonotonicInstant
    ) {
        self.id = id
        self.model = model
        self.bodyBytes = bodyBytes
        self.spectralEfficiency = spectralEfficiency
        self.linkRate = linkRate
        self.deadline = deadline
    }
}

public import ServingCore

/// What was seen of one upload since the report before.
public struct UploadReport: Hashable, Sendable {
    /// The request.
    public var id: RequestID
    /// Body bytes that have arrived so far.
    public var receivedBytes: ByteCount
    /// Whether its rate held it back: it would have sent more.
    public var isHeld: Bool
    /// What its device's link carries at best, where that was learned.
    public var linkRate: BitsPerSecond?

    /// Makes a report.
    public init(id: RequestID, receivedBytes: ByteCount, isHeld: Bool, linkRate: BitsPerSecond? = nil) {
        self.id = id
        self.receivedBytes = receivedBytes
        self.isHeld = isHeld
        self.linkRate = linkRate
    }
}

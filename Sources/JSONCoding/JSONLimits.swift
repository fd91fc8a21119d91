/// How much JSON is taken from a client, checked before any of it is parsed.
public struct JSONLimits: Hashable, Sendable {
    /// The most bytes of text.
    public var maximumBytes: Int
    /// The most values that get a node in memory, counted as commas and opening brackets before parsing (those inside
    /// strings count too, those of arrays of numbers do not).
    public var maximumNodes: Int

    /// Makes limits.
    public init(maximumBytes: Int = 8 << 20, maximumNodes: Int = 300_000) {
        self.maximumBytes = maximumBytes
        self.maximumNodes = maximumNodes
    }
}

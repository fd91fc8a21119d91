/// How much JSON is taken from a client, checked before any of it is parsed.
public struct JSONLimits: Hashable, Sendable {
    /// The most bytes of text.
    public var maximumBytes: Int
    /// The most values, counted as commas and opening brackets before parsing (those inside strings count too).
    public var maximumNodes: Int

    /// Makes limits.
    public init(maximumBytes: Int = 1 << 20, maximumNodes: Int = 100_000) {
        self.maximumBytes = maximumBytes
        self.maximumNodes = maximumNodes
    }
}

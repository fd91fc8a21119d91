/// What each caller may take of the gateway; nil sets no limit.
public struct CallerLimits: Hashable, Sendable {
    /// Inference requests a second, on average.
    public var requestsPerSecond: Double?
    /// Body bytes a second, on average.
    public var bytesPerSecond: Double?
    /// Inference requests under way at once.
    public var concurrentRequests: Int?
    /// For how long a caller that was silent may exceed the rates: it may take so many seconds' worth at once.
    public var burst: Duration = .seconds(1)

    /// No limits.
    public init() {}

    /// Whether nothing is limited.
    public var isUnlimited: Bool { requestsPerSecond == nil && bytesPerSecond == nil && concurrentRequests == nil }
}

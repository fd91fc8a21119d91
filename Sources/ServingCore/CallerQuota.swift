/// What one caller may have of something, and what is left of it for that caller.
public struct CallerQuota: Hashable, Sendable {
    /// What is counted, as the quota units of draft-ietf-httpapi-ratelimit-headers call it.
    public enum Unit: String, Hashable, Sendable {
        /// Requests that arrive.
        case requests
        /// Bytes of their bodies.
        case contentBytes = "content-bytes"
        /// Requests that are under way at once.
        case concurrentRequests = "concurrent-requests"
    }

    /// What is counted.
    public var unit: Unit
    /// How much of it fits into the window, or may be under way at once.
    public var limit: Int
    /// The window; zero where there is none.
    public var window: Duration
    /// How much of it is left now.
    public var left: Int
    /// After how long what was asked for would be there.
    public var reset: Duration

    /// Makes a quota.
    public init(unit: Unit, limit: Int, window: Duration, left: Int, reset: Duration) {
        self.unit = unit
        self.limit = limit
        self.window = window
        self.left = left
        self.reset = reset
    }
}

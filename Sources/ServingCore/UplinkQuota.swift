/// What the uplink can carry for one device: a quota of body bytes over a window of time.
public struct UplinkQuota: Hashable, Sendable {
    /// Body bytes the whole uplink carries in the window.
    public var windowBytes: ByteCount
    /// The window: as long as the request's deadline is away.
    public var window: Duration
    /// Body bytes of the window that are not promised to others.
    public var freeBytes: ByteCount
    /// After how long all promises made so far are kept or broken, and the whole window is free.
    public var reset: Duration

    /// Makes a quota.
    public init(windowBytes: ByteCount, window: Duration, freeBytes: ByteCount, reset: Duration) {
        self.windowBytes = windowBytes
        self.window = window
        self.freeBytes = freeBytes
        self.reset = reset
    }
}

/// How a trace is replayed.
public struct ReplayOptions: Sendable {
    /// How many seconds of the trace pass in one second.
    public var speed = 1.0
    /// The least body that asks for a 100 before it is sent; nil never asks.
    public var expectContinueBytes: Int? = 64 << 10
    /// How many seconds after its deadline a request is given up.
    public var patience = 10.0
    /// The bearer token sent with each request.
    public var apiKey: String?

    /// Whose certificates are taken where the gateway speaks TLS.
    public var trust = ReplayTrust.system

    /// Makes the defaults.
    public init() {}
}

/// How far a replay is.
public struct ReplayProgress: Sendable {
    /// Seconds since it began.
    public let elapsed: Double
    /// Requests of the trace.
    public let total: Int
    /// What was counted so far; times are not filled in.
    public let counts: ReplayReport.Counts
}

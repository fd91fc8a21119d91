/// The one error type that reaches a client: a stable code, a sentence, and what is known beside it.
public struct ServingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, for programs.
    public var code: Code
    /// What went wrong, in one sentence for people.
    public var message: String
    /// The field, header or JSON path that is at fault, where there is one: `inputs[0].shape[1]`.
    public var field: String?
    /// When trying again may help.
    public var retryAfter: Duration?
    /// The estimates a refusal for time or room was based on.
    public var breakdown: LatencyBreakdown?
    /// The deadline those estimates were held against, from the arrival of the head.
    public var deadline: Duration?
    /// What the uplink can carry of the body, where that is why it was refused.
    public var uplinkQuota: UplinkQuota?
    /// What is left of the caller's own quota, where that is why it was refused.
    public var callerQuota: CallerQuota?
    /// The earliest deadline that would do as things stand, from the arrival of the head, where one is known.
    public var earliestDeadline: Duration?

    /// The message: what a log line says of the error.
    public var description: String { message }

    /// Makes an error.
    public init(
        _ code: Code,
        _ message: String,
        field: String? = nil,
        retryAfter: Duration? = nil,
        breakdown: LatencyBreakdown? = nil,
        deadline: Duration? = nil,
        earliestDeadline: Duration? = nil
    ) {
        self.code = code
        self.message = message
        self.field = field
        self.retryAfter = retryAfter
        self.breakdown = breakdown
        self.deadline = deadline
        self.earliestDeadline = earliestDeadline
    }
}

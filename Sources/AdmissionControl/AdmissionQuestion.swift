public import LoadScheduling

/// One arrival as admission sees it: what its head says, on the plan's time axis.
public struct AdmissionQuestion: Hashable, Sendable {
    /// Which model, by the server's index.
    public var model: Int
    /// When the answer must be ready, in seconds on the state's axis, safety slack taken off.
    public var deadline: Double
    /// Seconds of slack that were taken off the deadline: an answer that names a deadline adds them again.
    public var slack: Double
    /// When its upload is expected to end if nobody paces it; `-infinity` where the uplink is shared out.
    public var uploadEnd: Double
    /// D_k / e_k in hertz seconds where the uplink is shared out; 0 where it is not.
    public var uplinkWork: Double
    /// Seconds its paced upload is never asked to end within, as its batch's `leastWindow`.
    public var leastWindow: Double
    /// Requests that wait already.
    public var queuedRequests: Int
    /// By what factor the server's estimates were multiplied to be on the safe side; at least 1.
    public var margin: Double

    /// Blocks that pins take or wait for: its model must fit beside them.
    public var claimed = BlockSet()
    /// Whether it gets no batch of its own where one of its model waits that has room: under overload, many small batches
    /// serve fewer than large ones.
    public var joinsOnly = false

    /// Makes a question.
    public init(
        model: Int,
        deadline: Double,
        slack: Double = 0,
        uploadEnd: Double = -.infinity,
        uplinkWork: Double = 0,
        leastWindow: Double = 0,
        queuedRequests: Int = 0,
        margin: Double = 1
    ) {
        self.model = model
        self.deadline = deadline
        self.slack = slack
        self.uploadEnd = uploadEnd
        self.uplinkWork = uplinkWork
        self.leastWindow = leastWindow
        self.queuedRequests = queuedRequests
        self.margin = margin
    }

    /// What part of the time planned everything takes with half of the margin, on a scale of factors.
    var partOfTime: Double { 1 / max(margin, 1).squareRoot() }
}

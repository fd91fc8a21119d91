/// What a request's time goes into, estimated before it runs or measured after.
public struct LatencyBreakdown: Hashable, Sendable {
    /// Sending the body at the granted share.
    public var upload: Duration
    /// Waiting for the batches before it.
    public var wait: Duration
    /// Loading the blocks that are missing.
    public var load: Duration
    /// Running the model.
    public var compute: Duration

    /// Makes a breakdown.
    public init(
        upload: Duration = .zero,
        wait: Duration = .zero,
        load: Duration = .zero,
        compute: Duration = .zero
    ) {
        self.upload = upload
        self.wait = wait
        self.load = load
        self.compute = compute
    }
}

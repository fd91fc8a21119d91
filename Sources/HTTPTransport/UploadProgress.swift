public import ServingCore

/// How far a body has come, and whether it was its device or the rate it is held to that kept it from coming further.
public struct UploadProgress: Hashable, Sendable {
    /// Body bytes taken so far.
    public var receivedBytes: Int
    /// Bytes that have come over the link and lie in the kernel's buffer or libmicrohttpd's, where the upload is held back.
    public var bufferedBytes: Int
    /// How long the upload was held back by its rate so far, all times together.
    public var held: Duration
    /// The rate it is held to now; nil where it runs free.
    public var rate: BitsPerSecond?
    /// When this was so.
    public var instant: MonotonicInstant

    /// Makes a progress report.
    public init(
        receivedBytes: Int,
        bufferedBytes: Int = 0,
        held: Duration,
        rate: BitsPerSecond? = nil,
        at instant: MonotonicInstant
    ) {
        self.receivedBytes = receivedBytes
        self.bufferedBytes = bufferedBytes
        self.held = held
        self.rate = rate
        self.instant = instant
    }
}

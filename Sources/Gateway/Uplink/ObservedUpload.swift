internal import BandwidthAllocation
internal import Dispatching
internal import HTTPTransport
internal import ServingCore

/// One upload as it is seen at intervals: turns progress into reports for the dispatcher and samples of the device's link.
struct ObservedUpload: Sendable {
    /// What a link sample is made of.
    struct LinkSample: Hashable, Sendable {
        var bytes: Int
        var span: Duration
        var isLinkLimited: Bool
    }

    /// The request.
    let id: RequestID
    /// The device, by the address it sends from.
    let device: String

    private var last: UploadProgress?
    private var sampleStart: UploadProgress?

    /// A link sample spans at least this long; shorter ones show bursts of the kernel's buffers rather than the link.
    private static let sampleSpan = Duration.milliseconds(100)
    /// An upload held back for more than this part of a span was not limited by its link.
    private static let heldPart = 0.05

    init(id: RequestID, device: String) {
        self.id = id
        self.device = device
    }

    /// What became of the upload since the call before, and a sample of its link where one is complete.
    mutating func observe(_ progress: UploadProgress) -> (isHeld: Bool, sample: LinkSample?) {
        let isHeld = last.map { Self.isHeld(from: $0, to: progress) } ?? false
        last = progress
        return (isHeld, sample(progress))
    }

    /// A sample starts with the first byte: before it, the device may have waited for leave to send.
    private mutating func sample(_ progress: UploadProgress) -> LinkSample? {
        guard let start = sampleStart else {
            if progress.receivedBytes > 0 { sampleStart = progress }
            return nil
        }
        let span = start.instant.duration(to: progress.instant)
        guard span >= Self.sampleSpan else { return nil }
        sampleStart = progress
        let bytes = progress.receivedBytes - start.receivedBytes
        // A device that sends nothing shows nothing of its link.
        guard bytes > 0 else { return nil }
        return LinkSample(bytes: bytes, span: span, isLinkLimited: !Self.isHeld(from: start, to: progress))
    }

    private static func isHeld(from start: UploadProgress, to end: UploadProgress) -> Bool {
        let span = start.instant.seconds(to: end.instant)
        return span > 0 && (end.held - start.held).inSeconds > heldPart * span
    }
}

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
    private var totalAtStart = 0
    private var wasAlone = true

    /// A link sample spans at least this long; shorter ones show bursts of the kernel's buffers rather than the link.
    private static let sampleSpan = Duration.milliseconds(100)
    /// An upload held back for more than this part of a span was not limited by its link.
    private static let heldPart = 0.05
    /// The part of the shared uplink beyond which it counts as full.
    private static let fullPart = 0.7

    /// What may lie in buffers when a head is read: of so many bytes it is not known how long they took.
    private static let bufferedAtHead = 128 * 1024

    /// Whether a body is long enough to show anything of the link.
    static func showsLink(_ bytes: Int) -> Bool { bytes > bufferedAtHead }

    /// What a complete body of `bytes`, which came within `span` of its head, shows of the link: at least how fast it is.
    ///
    /// Most bodies are over before the stretch of a sample is. Nil where all of it may have lain in buffers.
    static func lowerBound(bytes: Int, span: Duration) -> LinkSample? {
        guard showsLink(bytes), span > .zero else { return nil }
        return LinkSample(bytes: bytes - bufferedAtHead, span: span, isLinkLimited: false)
    }

    init(id: RequestID, device: String) {
        self.id = id
        self.device = device
    }

    /// What became of the upload since the call before, and a sample of its link where one is complete.
    ///
    /// `total` is what all uploads together have received so far; where they filled `capacity` (bytes/s), it was the shared
    /// uplink that limited each of them, and nothing is learned of their own links but a lower bound. The same holds
    /// where it was not the only upload from its address: they share a link, or are devices behind one address that differ.
    mutating func observe(
        _ progress: UploadProgress,
        total: Int = 0,
        capacity: Double = .infinity,
        isAlone: Bool = true
    ) -> (isHeld: Bool, sample: LinkSample?) {
        let isHeld = last.map { Self.isHeld(from: $0, to: progress) } ?? false
        last = progress
        wasAlone = wasAlone && isAlone
        return (isHeld, sample(progress, total, capacity))
    }

    /// A sample starts with the first byte: before it, the device may have waited for leave to send.
    private mutating func sample(_ progress: UploadProgress, _ total: Int, _ capacity: Double) -> LinkSample? {
        guard let start = sampleStart else {
            if progress.receivedBytes > 0 { (sampleStart, totalAtStart, wasAlone) = (progress, total, true) }
            return nil
        }
        let span = start.instant.duration(to: progress.instant)
        guard span >= Self.sampleSpan else { return nil }
        let isFull = Double(total - totalAtStart) > Self.fullPart * capacity * span.inSeconds
        let isShown = wasAlone && !isFull && !Self.isHeld(from: start, to: progress)
        (sampleStart, totalAtStart, wasAlone) = (progress, total, true)
        let bytes = progress.receivedBytes - start.receivedBytes
        // A device that sends nothing shows nothing of its link.
        guard bytes > 0 else { return nil }
        return LinkSample(bytes: bytes, span: span, isLinkLimited: isShown)
    }

    private static func isHeld(from start: UploadProgress, to end: UploadProgress) -> Bool {
        let span = start.instant.seconds(to: end.instant)
        return span > 0 && (end.held - start.held).inSeconds > heldPart * span
    }
}

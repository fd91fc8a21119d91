import ServingCore

/// An upload on its way, exactly: the gateway reads it at its granted rate, and its link may be ahead of that by what buffers hold.
///
/// It is over when its last byte is in the gateway's machine: that one is not paced any more.
struct SimulatedUpload: Sendable {
    let device: Int
    /// What its device tells or is taken to have, in bit/s/Hz.
    let efficiency: Double
    /// All its bits.
    let bits: Double
    /// What its connection's buffers hold.
    let buffers: UploadBuffers
    /// What it may use, in bit/s; infinite where nobody paces it.
    private(set) var granted: Double
    /// What its link carries now, in bit/s.
    private(set) var link: Double
    /// The bits that are still to come over the link, as of ``since``.
    private(set) var left: Double
    /// The bits that came and were not read yet.
    private var buffered = 0.0
    private(set) var since: Double
    /// The time of the event that will look whether it is complete; infinite where there is none.
    var due = Double.infinity

    init(
        device: Int,
        efficiency: Double,
        bits: Double,
        buffers: UploadBuffers = UploadBuffers(),
        granted: BitsPerSecond?,
        link: Double,
        at now: Double
    ) {
        self.device = device
        self.efficiency = efficiency
        self.bits = bits
        self.buffers = buffers
        self.granted = granted.map { max($0.rawValue, 0) } ?? .infinity
        self.link = max(link, 0)
        left = bits
        since = now
    }

    /// Whether its device would send faster than it may.
    var isHeld: Bool { granted < link }
    /// The bits the gateway has seen: what it has read, and what lies in the part of the buffers it looks into.
    var seen: Double { bits - left - max(buffered - buffers.seenBits, 0) }

    /// When it is complete, if nothing changes; infinite where it stands still.
    var end: Double {
        guard left > 0 else { return since }
        guard isHeld else { return link > 0 ? since + left / link : .infinity }
        let ahead = link * secondsAhead
        if left <= ahead { return since + left / link }
        return granted > 0 ? since + secondsAhead + (left - ahead) / granted : .infinity
    }

    /// How long its link still runs at full speed: until the buffers are full.
    private var secondsAhead: Double {
        isHeld ? max(buffers.bits(aheadOf: granted) - buffered, 0) / (link - granted) : .infinity
    }

    /// Brings it to `now`.
    mutating func settle(at now: Double) {
        let seconds = now - since
        since = now
        guard seconds > 0 else { return }
        let full = min(secondsAhead, seconds)
        let came = min(link * full + (seconds > full ? granted * (seconds - full) : 0), left)
        left -= came
        buffered = granted.isFinite ? min(max(buffered + came - granted * seconds, 0), buffers.bits) : 0
    }

    mutating func setGranted(_ rate: BitsPerSecond?, at now: Double) {
        settle(at: now)
        granted = rate.map { max($0.rawValue, 0) } ?? .infinity
    }

    mutating func setLink(_ rate: Double, at now: Double) {
        settle(at: now)
        link = max(rate, 0)
    }
}

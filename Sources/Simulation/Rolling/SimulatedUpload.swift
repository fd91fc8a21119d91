import ServingCore

/// An upload on its way: it progresses at its granted rate or its link's, whichever is less, exactly.
struct SimulatedUpload: Sendable {
    let device: Int
    /// What its device tells or is taken to have, in bit/s/Hz.
    let efficiency: Double
    /// All its bits.
    let bits: Double
    /// What it may use, in bit/s; infinite where nobody paces it.
    private(set) var granted: Double
    /// What its link carries now, in bit/s.
    private(set) var link: Double
    /// The bits that are still to come, as of ``since``.
    private(set) var left: Double
    private(set) var since: Double
    /// The time of the event that will look whether it is complete; infinite where there is none.
    var due = Double.infinity

    init(device: Int, efficiency: Double, bits: Double, granted: BitsPerSecond?, link: Double, at now: Double) {
        self.device = device
        self.efficiency = efficiency
        self.bits = bits
        self.granted = granted.map { max($0.rawValue, 0) } ?? .infinity
        self.link = max(link, 0)
        left = bits
        since = now
    }

    /// What it progresses at; finite, since links are.
    var rate: Double { min(granted, link) }
    /// Whether its device would send faster than it may.
    var isHeld: Bool { granted < link }
    /// When it is complete, if nothing changes; infinite where it stands still.
    var end: Double { left <= 0 ? since : rate > 0 ? since + left / rate : .infinity }

    /// Brings it to `now`.
    mutating func settle(at now: Double) {
        left = max(left - rate * (now - since), 0)
        since = now
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

public import ServingCore

/// The learned links of many devices; at most ``capacity`` are remembered, and who was seen longest ago is forgotten first.
public struct LinkTable<Device: Hashable & Sendable>: Sendable {
    /// How many devices are remembered at most.
    public let capacity: Int
    /// What links are learned with.
    public let configuration: LinkEstimator.Configuration

    private struct Entry {
        var link = LinkEstimator()
        var lastUse: UInt64 = 0
    }
    private var entries: [Device: Entry] = [:]
    private var uses: UInt64 = 0

    /// Makes an empty table.
    public init(capacity: Int, configuration: LinkEstimator.Configuration = LinkEstimator.Configuration()) {
        self.capacity = max(capacity, 1)
        self.configuration = configuration
    }

    /// How many devices are remembered.
    public var count: Int { entries.count }

    /// Takes in a stretch of an upload; see ``LinkEstimator/observe(bytes:over:isLinkLimited:at:_:)``.
    /// - Complexity: O(1) on average: when the table is full, an eighth of it is forgotten at once.
    public mutating func observe(
        _ device: Device,
        bytes: Int,
        over span: Duration,
        isLinkLimited: Bool,
        at now: MonotonicInstant
    ) {
        uses += 1
        if entries[device] == nil, entries.count >= capacity { forgetOldest() }
        entries[device, default: Entry()].lastUse = uses
        entries[device]?.link.observe(
            bytes: bytes,
            over: span,
            isLinkLimited: isLinkLimited,
            at: now,
            configuration
        )
    }

    /// What the device's link carries at this quantile; nil where too little is known of it.
    public func rate(of device: Device, quantile: Double, at now: MonotonicInstant) -> BitsPerSecond? {
        entries[device]?.link.rate(quantile: quantile, at: now, configuration)
    }

    /// The best rate that the device reached lately; see ``LinkEstimator/reachedRate(at:_:)``.
    public func reachedRate(of device: Device, at now: MonotonicInstant) -> BitsPerSecond? {
        entries[device]?.link.reachedRate(at: now, configuration)
    }

    private mutating func forgetOldest() {
        let uses = entries.values.map(\.lastUse).sorted()
        let limit = uses[min(entries.count / 8, uses.count - 1)]
        entries = entries.filter { $0.value.lastUse > limit }
    }
}

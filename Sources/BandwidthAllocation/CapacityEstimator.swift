public import ServingCore

/// What the uplink as a whole carries, learned from what its users reach together.
///
/// Where most of what was granted goes to devices that all fall short of their shares at the same time, it is not their own
/// links but the shared one that is full: the estimate follows what was reached. Where nearly all of it was used, it grows
/// slowly up to the configured capacity, to find out whether there is more.
public struct CapacityEstimator: Hashable, Sendable {
    /// What the estimate never exceeds.
    public let ceiling: Hertz
    /// What is believed now.
    public private(set) var estimate: Hertz

    /// How much of a new observation is believed at once.
    private static let smoothing = 0.25
    /// By how much the estimate grows per second while it is used up.
    private static let growthPerSecond = 0.1
    /// The part of the ceiling under which the estimate does not fall.
    private static let floor = 0.02

    /// Starts by believing the ceiling.
    public init(ceiling: Hertz) {
        self.ceiling = ceiling
        estimate = ceiling
    }

    /// Takes in that `used` of `granted` was used over `span`, `shortGranted` of it granted to uploads that fell short of their
    /// share, by `shortDevices` devices.
    public mutating func observe(
        used: Hertz,
        granted: Hertz,
        shortGranted: Hertz,
        shortDevices: Int,
        over span: Duration
    ) {
        guard granted.rawValue > 0, span > .zero else { return }
        let isShared = shortDevices >= 2 && shortGranted.rawValue >= 0.5 * granted.rawValue
        if isShared, used.rawValue < 0.95 * granted.rawValue {
            let reached = min(used.rawValue, estimate.rawValue)
            let fallen = estimate.rawValue + Self.smoothing * (reached - estimate.rawValue)
            estimate = Hertz(max(fallen, ceiling.rawValue * Self.floor))
        } else if used.rawValue >= 0.9 * min(granted.rawValue, estimate.rawValue) {
            let grown = estimate.rawValue * (1 + Self.growthPerSecond * span.inSeconds)
            estimate = Hertz(min(grown, ceiling.rawValue))
        }
    }
}

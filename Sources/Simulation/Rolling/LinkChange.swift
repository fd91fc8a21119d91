/// A moment at which some devices' links change.
public struct LinkChange: Hashable, Sendable {
    /// When, in seconds from the start.
    public var time: Double
    /// What the links carry from then on, as a part of their rate: 0 for an outage, 1 for all of it.
    public var factor: Double
    /// Which part of the devices it concerns, from the first on.
    public var devicesPart: Double

    /// Makes a change.
    public init(time: Double, factor: Double, devicesPart: Double = 1) {
        self.time = time
        self.factor = factor
        self.devicesPart = devicesPart
    }
}

/// What the points of an experiment vary.
public struct ExperimentAxis: Hashable, Sendable {
    /// Its name with its unit: `Uplink bandwidth (MHz)`.
    public var label: String
    /// Whether it is drawn to a logarithmic scale.
    public var isLogarithmic: Bool

    /// Makes an axis.
    public init(_ label: String, isLogarithmic: Bool = false) {
        self.label = label
        self.isLogarithmic = isLogarithmic
    }
}

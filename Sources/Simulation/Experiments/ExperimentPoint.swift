/// A place on an experiment's axis: a number, or one of some kinds with a name.
public struct ExperimentPoint: Hashable, Sendable {
    /// Where it lies, in the axis' unit.
    public var value: Double
    /// What it is called; nil for a number.
    public var label: String?

    /// Makes a point.
    public init(_ value: Double, label: String? = nil) {
        self.value = value
        self.label = label
    }
}

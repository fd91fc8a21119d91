/// A question asked of the simulator: some curves at some points, each drawn for many seeds.
public protocol Experiment: Sendable {
    /// The name on the command line and of its files: `users`, `loading-rate`.
    var name: String { get }
    /// The title over its plots.
    var title: String { get }
    /// One sentence on what to read from it.
    var reading: String { get }
    /// What its points vary.
    var axis: ExperimentAxis { get }
    /// The points, in the order they are drawn.
    var points: [ExperimentPoint] { get }
    /// The curves, each a way of doing things.
    var curves: [String] { get }
    /// What is measured; a plot each.
    var measures: [ExperimentMeasure] { get }
    /// What must hold on average; broken ones are printed.
    var expectations: [ExperimentExpectation] { get }

    /// Draws point number `point` with `seed`: for each curve, in their order, a value for each measure, in their order; nil where
    /// there is none (a mean over nothing).
    ///
    /// Equal arguments give equal results; all curves see the same draw. Called from several threads.
    func run(point: Int, seed: UInt64, setting: ExperimentSetting) throws -> [[Double?]]
}

extension Experiment {
    /// Nothing, unless an experiment says otherwise.
    public var expectations: [ExperimentExpectation] { [] }
}

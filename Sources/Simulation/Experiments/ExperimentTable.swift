/// What an experiment found: points x curves x measures, a sample for each seed.
public struct ExperimentTable: Sendable {
    /// The experiment.
    public let experiment: any Experiment
    /// How many seeds each point was drawn for.
    public let seeds: Int
    /// By point, seed, curve, measure.
    private var samples: [[[[Double?]]]]

    /// Makes an empty table.
    public init(_ experiment: any Experiment, seeds: Int) {
        self.experiment = experiment
        self.seeds = seeds
        samples = Array(repeating: Array(repeating: [], count: seeds), count: experiment.points.count)
    }

    /// Puts down what point number `point` gave for seed number `seed`, counted from 0: by curve, measure.
    public mutating func record(_ outcome: [[Double?]], point: Int, seed: Int) {
        precondition(outcome.count == experiment.curves.count)
        precondition(outcome.allSatisfy { $0.count == experiment.measures.count })
        samples[point][seed] = outcome
    }

    /// The samples of a cell, in the order of the seeds; nil where there is none.
    public func samples(point: Int, curve: Int, measure: Int) -> [Double?] {
        samples[point].map { $0.isEmpty ? nil : $0[curve][measure] }
    }

    /// Mean and interval of a cell; nil where no seed gave a value.
    public func estimate(point: Int, curve: Int, measure: Int) -> MeanEstimate? {
        MeanEstimate(samples(point: point, curve: curve, measure: measure).compactMap { $0 })
    }

    /// A measure's differences between two curves, for each seed that gave both.
    public func differences(point: Int, _ curve: Int, minus other: Int, measure: Int) -> [Double] {
        let first = samples(point: point, curve: curve, measure: measure)
        let second = samples(point: point, curve: other, measure: measure)
        return zip(first, second).compactMap { pair in pair.0.flatMap { a in pair.1.map { a - $0 } } }
    }
}

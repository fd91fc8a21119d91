/// Whether an experiment's expectations hold, at each point and over all points.
public struct ExpectationCheck: Sendable {
    /// One that does not hold.
    public struct Breach: Hashable, Sendable, CustomStringConvertible {
        /// The experiment.
        public var experiment: String
        /// The point's value.
        public var point: Double
        /// What was expected.
        public var expectation: ExperimentExpectation
        /// The mean difference, seed by seed; below 0, or not 0 where equality was expected.
        public var difference: Double
        /// Half the width of its 95 % interval.
        public var halfWidth: Double

        /// One line for people.
        public var description: String {
            let relation = expectation.isEquality ? "=" : ">="
            return "\(experiment) at \(point): expected \(expectation.better) \(relation) \(expectation.worse) in "
                + "\(expectation.measure), found a mean difference of \(difference) +- \(halfWidth)"
        }
    }

    /// How many comparisons were made: expectations times points.
    public let comparisons: Int
    /// Those that do not hold.
    public let breaches: [Breach]

    /// Checks `table`.
    public init(_ table: ExperimentTable) {
        let experiment = table.experiment
        var (count, found) = (0, [Breach]())
        for expectation in experiment.expectations {
            guard let better = experiment.curves.firstIndex(of: expectation.better),
                let worse = experiment.curves.firstIndex(of: expectation.worse),
                let measure = experiment.measures.firstIndex(where: { $0.name == expectation.measure })
            else { preconditionFailure("\(experiment.name) expects something of a curve or measure it does not have") }
            for (point, place) in experiment.points.enumerated() {
                guard let estimate = table.difference(point: point, better, minus: worse, measure: measure) else {
                    continue
                }
                count += 1
                let differs = zip(
                    table.samples(point: point, curve: better, measure: measure),
                    table.samples(point: point, curve: worse, measure: measure)
                ).contains { $0 != $1 }
                guard expectation.isEquality ? differs : estimate.mean < -1e-9 else { continue }
                found.append(
                    Breach(
                        experiment: experiment.name,
                        point: place.value,
                        expectation: expectation,
                        difference: estimate.mean,
                        halfWidth: estimate.halfWidth
                    )
                )
            }
        }
        comparisons = count
        breaches = found
    }
}

/// Whether an experiment's expectations hold: on average over all points and seeds, and at no point clearly not.
///
/// At a single point a mean that is lower counts only where its 95 % interval ends below 0: with hundreds of comparisons, means
/// of what is equally good are often a little lower by chance.
public struct ExpectationCheck: Sendable {
    /// One that does not hold.
    public struct Breach: Hashable, Sendable, CustomStringConvertible {
        /// The experiment.
        public var experiment: String
        /// The point's value; nil for the mean over all points.
        public var point: Double?
        /// What was expected.
        public var expectation: ExperimentExpectation
        /// The mean difference, seed by seed; below 0, or not 0 where equality was expected.
        public var difference: Double
        /// Half the width of its 95 % interval.
        public var halfWidth: Double

        /// One line for people.
        public var description: String {
            let relation = expectation.isEquality ? "=" : ">="
            let place = point.map { " at \($0)" } ?? ""
            return "\(experiment)\(place): expected \(expectation.better) \(relation) \(expectation.worse) in "
                + "\(expectation.measure), found a mean difference of \(difference) +- \(halfWidth)"
        }
    }

    /// How many comparisons were made: expectations times points, and each over all points.
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
            let differences = experiment.points.indices.map {
                table.differences(point: $0, better, minus: worse, measure: measure)
            }
            let places = zip(experiment.points.map(\.value), differences).map { (Optional($0), $1) }
            for (point, samples) in places + [(nil, differences.flatMap(\.self))] {
                guard let estimate = MeanEstimate(samples) else { continue }
                count += 1
                guard Self.isBroken(expectation, estimate, samples, isOverall: point == nil) else { continue }
                found.append(
                    Breach(
                        experiment: experiment.name,
                        point: point,
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

    private static func isBroken(
        _ expectation: ExperimentExpectation,
        _ estimate: MeanEstimate,
        _ differences: [Double],
        isOverall: Bool
    ) -> Bool {
        if expectation.isEquality { return differences.contains { $0 != 0 } }
        return isOverall ? estimate.mean < -1e-9 : estimate.mean + estimate.halfWidth < -1e-9
    }
}

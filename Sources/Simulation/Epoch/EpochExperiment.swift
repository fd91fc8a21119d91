import LoadScheduling

/// An experiment on single epochs: says which scenario each point is, and which solvers are its curves.
public protocol EpochExperiment: Experiment {
    /// The solvers.
    var solvers: [EpochCurve] { get }

    /// The scenario of a point.
    func scenario(at value: Double) -> EpochScenario
}

extension EpochExperiment {
    /// The solvers' names.
    public var curves: [String] { solvers.map(\.rawValue) }

    /// Task throughput, share in time, mean waiting, bytes loaded.
    public var measures: [ExperimentMeasure] { [.taskThroughput, .inTime, .meanWaiting, .bytesLoaded] }

    /// ``EpochExpectations/ranks(of:)``.
    public var expectations: [ExperimentExpectation] { EpochExpectations.ranks(of: solvers) }

    /// Solves the point's problem with every solver.
    public func run(point: Int, seed: UInt64, setting: ExperimentSetting) throws -> [[Double?]] {
        let problem = scenario(at: points[point].value).problem(seed: seed, costs: setting.costs)
        return solvers.map { solver in
            let schedule = solver.solver(seed: seed).solve(problem, limits: .none).schedule
            return EpochOutcome(schedule, of: problem).values
        }
    }
}

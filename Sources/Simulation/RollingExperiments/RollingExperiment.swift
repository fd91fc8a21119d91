import Dispatching

/// An experiment in rolling horizon: says which scenario each point is, and which ways of running the machine are curves.
public protocol RollingExperiment: Experiment {
    /// The ways of running the machine.
    var ways: [RollingCurve] { get }

    /// The scenario of a point.
    func scenario(at value: Double) -> RollingScenario
}

extension RollingExperiment {
    /// Planners, the machine without sharing, and what model servers do.
    public var ways: [RollingCurve] { [.search, .greedy, .unplanned, .unshared, .edf, .lru] }

    /// The ways' names.
    public var curves: [String] { ways.map(\.name) }

    /// Task throughput, share in time, mean waiting, bytes loaded, broken promises.
    public var measures: [ExperimentMeasure] { [.throughputRate, .inTime, .meanWaiting, .bytesLoaded, .broken] }

    /// Planning pays, and sharing does.
    public var expectations: [ExperimentExpectation] {
        let pairs = [
            ("search", "greedy"), ("greedy", "unplanned"), ("search", "unshared"), ("greedy", "edf"), ("greedy", "lru"),
        ]
        return pairs.filter { curves.contains($0.0) && curves.contains($0.1) }.map {
            ExperimentExpectation($0.0, atLeast: $0.1, measure: .throughputRate)
        }
    }

    /// Runs the point's scenario every way.
    public func run(point: Int, seed: UInt64, setting: ExperimentSetting) throws -> [[Double?]] {
        let scenario = scenario(at: points[point].value)
        return ways.map { way in
            let outcome = scenario.run(way, seed: seed, costs: setting.costs)
            return outcome.values(over: scenario.workload.duration, hasPromises: way.policy.isPlanned)
        }
    }
}

extension RollingOutcome {
    /// The measures of ``RollingExperiment/measures``, of requests that came in `seconds`; who takes in everything has
    /// promised nothing.
    func values(over seconds: Double, hasPromises: Bool) -> [Double?] {
        let admitted = inTime + late + failed
        return [
            Double(inTime) / seconds,
            sent > 0 ? 100 * inTimeShare : nil,
            meanWaiting.map { 1000 * $0 },
            Double(loadedBytes) / 1e6,
            hasPromises && admitted > 0 ? 100 * Double(late + failed) / Double(admitted) : nil,
        ]
    }
}

extension ExperimentMeasure {
    /// Requests in time for each second in which requests came.
    public static let throughputRate = ExperimentMeasure(
        "task_throughput_per_s",
        label: "Task throughput (requests/s)"
    )
    /// The part of the admitted requests that was not served in time, in percent.
    public static let broken = ExperimentMeasure("broken_percent", label: "Admitted, but not in time (%)")
}

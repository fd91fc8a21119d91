/// Half a second in which many times as many requests come.
struct TrafficSurgeExperiment: RollingExperiment {
    let name = "traffic-surge"
    let title = "Robustness: traffic surge"
    let reading =
        "Whether a surge of half a second only costs what is too much, or the promises made before it as well."
    let axis = ExperimentAxis("Requests during the surge (times as many)")

    var points: [ExperimentPoint] { [1, 2, 3, 4, 6, 8].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.workload.surge = RollingWorkload.Surge(span: 0.5...1, factor: value)
        return scenario
    }
}

/// How wrong the estimates are that the machine starts with.
struct EstimateErrorExperiment: RollingExperiment {
    let name = "estimate-error"
    let title = "Robustness: wrong estimates"
    let reading =
        "How much it costs to be told wrong what loads and batches take: each estimate is off by up to so "
        + "much until it is learned."
    let axis = ExperimentAxis("Error of the estimates at the start (%)")

    var points: [ExperimentPoint] { [0, 10, 20, 30, 40, 50].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.estimateError = value / 100
        return scenario
    }
}

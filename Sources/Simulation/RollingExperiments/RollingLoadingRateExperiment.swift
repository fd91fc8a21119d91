/// How fast blocks come from host storage.
struct RollingLoadingRateExperiment: RollingExperiment {
    let name = "rolling-loading-rate"
    let title = "Rolling horizon: loading rate"
    let reading =
        "How fast storage must be before sharing no longer matters."
    let axis = ExperimentAxis("Loading rate (times that of the costs)", isLogarithmic: true)

    var points: [ExperimentPoint] { [0.25, 0.5, 1, 2, 4, 8, 16].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.loadingRateFactor = value
        return scenario
    }
}

/// How fast blocks come from host storage.
struct LoadingRateExperiment: EpochExperiment {
    let name = "loading-rate"
    let title = "Loading rate"
    let reading =
        "How fast storage must be before sharing no longer matters."
    let axis = ExperimentAxis("Loading rate (times that of the costs)", isLogarithmic: true)
    let solvers: [EpochCurve] = [.backbone, .search, .greedy, .unshared, .edf, .fifo, .random]

    var points: [ExperimentPoint] { [0.25, 0.5, 1, 2, 4, 8, 16].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> EpochScenario {
        var scenario = EpochScenario()
        scenario.loadingRateFactor = value
        return scenario
    }
}

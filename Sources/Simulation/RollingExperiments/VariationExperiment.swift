/// How much loads and batches vary.
struct VariationExperiment: RollingExperiment {
    let name = "variation"
    let title = "Robustness: times that vary"
    let reading =
        "How much it costs where each load and batch takes up to so much more or less than on average, which "
        + "cannot be learned."
    let axis = ExperimentAxis("Variation of each load and batch (%)")

    var points: [ExperimentPoint] { [0, 10, 20, 30, 40, 50].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.jitter = value / 100
        return scenario
    }
}

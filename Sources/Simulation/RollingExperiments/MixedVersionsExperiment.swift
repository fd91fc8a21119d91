/// Two versions of each model at once.
struct MixedVersionsExperiment: RollingExperiment {
    let name = "mixed-versions"
    let title = "Robustness: mixed model versions"
    let reading =
        "What a roll-out costs while two versions of each model, on the same backbone, are asked for."
    let axis = ExperimentAxis("Requests for the new version (%)")

    var points: [ExperimentPoint] { [0, 10, 25, 50, 75, 90, 100].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.secondVersionPart = value / 100
        return scenario
    }
}

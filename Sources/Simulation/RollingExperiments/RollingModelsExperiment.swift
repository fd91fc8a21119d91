/// The number of models.
struct RollingModelsExperiment: RollingExperiment {
    let name = "rolling-models"
    let title = "Rolling horizon: number of models"
    let reading =
        "How throughput falls as the same requests spread over more models."
    let axis = ExperimentAxis("Models")

    var points: [ExperimentPoint] { [3, 9, 15, 30, 60, 90, 120].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.models = Int(value)
        return scenario
    }
}

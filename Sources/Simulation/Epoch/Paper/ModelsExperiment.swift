/// The number of models.
struct ModelsExperiment: EpochExperiment {
    let name = "models"
    let title = "Number of models"
    let reading =
        "How throughput falls as the same users spread over more models, and how much of it sharing saves."
    let axis = ExperimentAxis("Models")
    let solvers: [EpochCurve] = [.backbone, .search, .greedy, .unshared, .edf, .fifo, .random]

    var points: [ExperimentPoint] { [3, 6, 12, 24, 36, 60, 90].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> EpochScenario {
        var scenario = EpochScenario()
        scenario.models = Int(value)
        return scenario
    }
}

/// The users' common deadline.
struct DeadlineExperiment: EpochExperiment {
    let name = "deadline"
    let title = "Deadline"
    let reading =
        "How much earlier a deadline can be for the same throughput when shared layers are loaded once."
    let axis = ExperimentAxis("Deadline (ms)")
    let solvers: [EpochCurve] = [.backbone, .search, .greedy, .unshared, .edf, .fifo, .random]

    var points: [ExperimentPoint] { [100, 200, 300, 400, 500, 750, 1000].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> EpochScenario {
        var scenario = EpochScenario()
        scenario.deadline = value / 1000
        return scenario
    }
}

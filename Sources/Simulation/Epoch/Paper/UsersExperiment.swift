/// The number of users, where models share frozen bottom layers.
struct UsersExperiment: EpochExperiment {
    let name = "users"
    let title = "Number of users, backbone sharing"
    let reading =
        "How many more users one server satisfies when shared bottom layers are loaded once."
    let axis = ExperimentAxis("Users")
    let solvers: [EpochCurve] = [.backbone, .search, .greedy, .unshared, .edf, .fifo, .random]

    var points: [ExperimentPoint] { [20, 40, 60, 80, 100, 130, 160].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> EpochScenario {
        var scenario = EpochScenario()
        scenario.users = Int(value)
        return scenario
    }
}

/// The number of users of transformers with adapters.
struct UsersAdaptersExperiment: EpochExperiment {
    let name = "users-adapters"
    let title = "Number of users, transformers with adapters"
    let reading =
        "The same for three vision transformers whose tasks own only adapters and a head: almost everything is shared."
    let axis = ExperimentAxis("Users")
    let solvers: [EpochCurve] = [.backbone, .search, .greedy, .unshared, .edf, .fifo, .random]

    var points: [ExperimentPoint] { [20, 40, 60, 80, 100, 130, 160].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> EpochScenario {
        var scenario = EpochScenario()
        scenario.sharing = .adapters
        scenario.deadline = 1.5
        scenario.users = Int(value)
        return scenario
    }
}

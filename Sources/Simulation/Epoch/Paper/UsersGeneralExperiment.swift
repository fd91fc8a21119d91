/// The number of users, where models share at arbitrary positions.
struct UsersGeneralExperiment: EpochExperiment {
    let name = "users-general"
    let title = "Number of users, sharing at arbitrary positions"
    let reading =
        "The same where blocks are shared anywhere and deadlines differ, for which no polynomial solver is exact."
    let axis = ExperimentAxis("Users")
    let solvers: [EpochCurve] = [.search, .greedy, .unshared, .edf, .fifo, .random]

    var points: [ExperimentPoint] { [20, 40, 60, 80, 100, 130, 160].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> EpochScenario {
        var scenario = EpochScenario()
        scenario.sharing = .general
        scenario.earliestDeadline = 0.4
        scenario.users = Int(value)
        return scenario
    }
}

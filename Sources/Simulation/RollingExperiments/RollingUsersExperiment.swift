/// The number of users, who ask again and again.
struct RollingUsersExperiment: RollingExperiment {
    let name = "rolling-users"
    let title = "Rolling horizon: number of users"
    let reading =
        "How many requests a second one server satisfies, and what planning and sharing add to it."
    let axis = ExperimentAxis("Users, each with 2 requests a second")

    var ways: [RollingCurve] { [.search, .greedy, .unplanned, .varying, .unshared, .edf, .lru] }
    var points: [ExperimentPoint] { [25, 50, 75, 100, 150, 200, 300].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.workload.devices = Int(value)
        scenario.workload.rate = 2 * value
        return scenario
    }
}

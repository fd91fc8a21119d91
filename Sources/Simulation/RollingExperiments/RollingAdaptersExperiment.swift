/// The number of users of transformers with adapters.
struct RollingAdaptersExperiment: RollingExperiment {
    let name = "rolling-adapters"
    let title = "Rolling horizon: transformers with adapters"
    let reading =
        "The number of users again, for three vision transformers whose tasks own only adapters and a head."
    let axis = ExperimentAxis("Users, each with 2 requests a second")

    var points: [ExperimentPoint] { [10, 20, 30, 40, 60, 80, 120].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.sharing = .adapters
        scenario.memoryBytes = 1_200_000_000
        scenario.workload.timeout = 0.4...1.6
        scenario.workload.devices = Int(value)
        scenario.workload.rate = 2 * value
        return scenario
    }
}

/// Constant shares of the uplink against shares that vary.
struct SharesExperiment: RollingExperiment {
    let name = "shares"
    let title = "Constant against varying shares of the uplink"
    let reading =
        "What it brings to let uploads take turns on the uplink instead of each keeping its share."
    let axis = ExperimentAxis("Uplink bandwidth (MHz)")

    var ways: [RollingCurve] { [.constant, .varying] }
    var points: [ExperimentPoint] { [5, 10, 15, 20, 30, 40].map { ExperimentPoint($0) } }

    var expectations: [ExperimentExpectation] { [] }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.uplinkHertz = value * 1e6
        return scenario
    }
}

/// The uplink's bandwidth.
struct RollingUplinkExperiment: RollingExperiment {
    let name = "rolling-uplink"
    let title = "Rolling horizon: uplink bandwidth"
    let reading =
        "Where uploads stop being what limits throughput, and loads begin to."
    let axis = ExperimentAxis("Uplink bandwidth (MHz)")

    var points: [ExperimentPoint] { [5, 10, 20, 30, 40, 60, 80].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.uplinkHertz = value * 1e6
        return scenario
    }
}

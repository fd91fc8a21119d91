/// The uplink's bandwidth.
struct UplinkExperiment: EpochExperiment {
    let name = "uplink"
    let title = "Uplink bandwidth"
    let reading =
        "Where the uplink stops being what limits throughput, and loading begins to."
    let axis = ExperimentAxis("Uplink bandwidth (MHz)")
    let solvers: [EpochCurve] = [.search, .greedy, .unshared, .edf, .fifo, .random]

    var points: [ExperimentPoint] { [5, 10, 20, 30, 50, 75, 100].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> EpochScenario {
        var scenario = EpochScenario()
        scenario.sharing = .general
        scenario.earliestDeadline = 0.4
        scenario.uplinkHertz = value * 1e6
        return scenario
    }
}

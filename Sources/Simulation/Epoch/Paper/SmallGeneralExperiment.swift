/// Few users of four models that share anywhere, with a scarce uplink and mixed deadlines.
struct SmallGeneralExperiment: EpochExperiment {
    let name = "small-general"
    let title = "Small instances, sharing at arbitrary positions"
    let reading =
        "How far heuristics stay below the proved optimum where deadlines differ and the uplink is scarce."
    let axis = ExperimentAxis("Users")
    let solvers: [EpochCurve] = [.exhaustive, .search, .greedy, .unshared, .edf, .fifo, .random]

    var points: [ExperimentPoint] { [2, 4, 6, 8, 10].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> EpochScenario {
        var scenario = EpochScenario()
        scenario.sharing = .general
        scenario.users = Int(value)
        scenario.models = 4
        scenario.architectures = [.resnet34, .resnet50]
        scenario.deadline = 0.3
        scenario.earliestDeadline = 0.4
        scenario.uplinkHertz = 10e6
        return scenario
    }
}

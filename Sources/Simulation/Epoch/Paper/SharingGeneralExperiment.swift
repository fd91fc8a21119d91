/// The probability that a block is shared.
struct SharingGeneralExperiment: EpochExperiment {
    let name = "sharing-general"
    let title = "Fraction shared, sharing at arbitrary positions"
    let reading =
        "The same where each block is shared with the given probability."
    let axis = ExperimentAxis("Probability that a block is shared (%)")
    let solvers: [EpochCurve] = [.search, .greedy, .unshared, .edf, .fifo, .random]

    var points: [ExperimentPoint] { [0, 20, 40, 60, 80, 90, 100].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> EpochScenario {
        var scenario = EpochScenario()
        scenario.sharing = .general
        scenario.earliestDeadline = 0.4
        scenario.share = value / 100
        return scenario
    }
}

/// The part of the bytes that frozen bottom layers hold.
struct RollingSharingExperiment: RollingExperiment {
    let name = "rolling-sharing"
    let title = "Rolling horizon: fraction shared"
    let reading =
        "How much has to be shared before sharing pays: unshared stays where it is."
    let axis = ExperimentAxis("Bytes shared within a family (%)")

    var points: [ExperimentPoint] { [0, 25, 50, 75, 90, 99].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.share = value / 100
        return scenario
    }
}

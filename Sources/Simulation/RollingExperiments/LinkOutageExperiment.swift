/// An outage of half the devices' links.
struct LinkOutageExperiment: RollingExperiment {
    let name = "link-outage"
    let title = "Robustness: link outage"
    let reading =
        "What is lost when the links of half the devices carry nothing for a while, and whether the others "
        + "keep what they were promised."
    let axis = ExperimentAxis("Length of the outage (ms)")

    var ways: [RollingCurve] { [.search, .varying, .unplanned, .unshared] }
    var points: [ExperimentPoint] { [0, 50, 100, 250, 500, 1000].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.linkChanges = [
            LinkChange(time: 0.5, factor: 0, devicesPart: 0.5),
            LinkChange(time: 0.5 + value / 1000, factor: 1, devicesPart: 0.5),
        ]
        return scenario
    }
}

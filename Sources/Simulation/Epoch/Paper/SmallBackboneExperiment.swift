/// Few users of four models with an ample uplink: what the exact solvers prove.
struct SmallBackboneExperiment: EpochExperiment {
    let name = "small"
    let title = "Small instances, backbone sharing"
    let reading =
        "Whether the fast solvers reach the proved optimum: the upper curves lie on one another."
    let axis = ExperimentAxis("Users")
    let solvers: [EpochCurve] = [.exhaustive, .backbone, .search, .greedy, .unshared, .edf, .fifo, .random]

    var points: [ExperimentPoint] { [2, 4, 6, 8, 10].map { ExperimentPoint($0) } }

    /// The usual ranks; both exact solvers find as much for every seed.
    var expectations: [ExperimentExpectation] {
        let equal = ExperimentExpectation("exhaustive", atLeast: "backbone-dp", isEquality: true)
        return EpochExpectations.ranks(of: solvers) + [equal]
    }

    func scenario(at value: Double) -> EpochScenario {
        var scenario = EpochScenario()
        scenario.users = Int(value)
        scenario.models = 4
        scenario.architectures = [.resnet34, .resnet50]
        scenario.deadline = 0.2
        scenario.uplinkHertz = 1e9
        return scenario
    }
}

/// The part of the bytes that frozen bottom layers hold.
struct SharingExperiment: EpochExperiment {
    let name = "sharing"
    let title = "Fraction shared, backbone sharing"
    let reading =
        "How much has to be shared before sharing pays: unshared stays where it is."
    let axis = ExperimentAxis("Bytes shared within a family (%)")
    let solvers: [EpochCurve] = [.backbone, .search, .greedy, .unshared, .edf, .fifo, .random]

    /// Two that come to the same blocks are one.
    var points: [ExperimentPoint] { Set(Self.shares.map(Self.percent)).sorted().map { ExperimentPoint($0) } }

    /// What is asked for; blocks are whole, so that a little more or less comes out.
    private static let shares = [0, 0.1, 0.25, 0.4, 0.55, 0.75, 0.9, 1]

    /// The part of the bytes of the three ResNets that is shared where `share` is asked for, in percent.
    private static func percent(_ share: Double) -> Double {
        let parts = [Architecture.resnet18, .resnet34, .resnet50].map { network in
            let frozen = LibraryMaker.frozenBlocks(of: network, share: share)
            return Double(network.blocks[..<frozen].reduce(0) { $0 + $1.bytes }) / Double(network.bytes)
        }
        return (parts.reduce(0, +) / Double(parts.count) * 1000).rounded() / 10
    }

    func scenario(at value: Double) -> EpochScenario {
        var scenario = EpochScenario()
        scenario.share = value / 100
        return scenario
    }
}

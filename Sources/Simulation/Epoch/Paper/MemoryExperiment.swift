import LoadScheduling

/// Accelerator memory, where any blocks that fit stay resident and loads run beside inference.
struct MemoryExperiment: EpochExperiment {
    let name = "memory"
    let title = "Accelerator memory"
    let reading =
        "What more memory brings where blocks stay resident and loads run beside inference (beyond the paper)."
    let axis = ExperimentAxis("Accelerator memory (MB)", isLogarithmic: true)
    let solvers: [EpochCurve] = [.search, .greedy, .unshared, .edf, .fifo, .random]

    var points: [ExperimentPoint] { [110, 160, 240, 400, 800].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> EpochScenario {
        var scenario = EpochScenario()
        scenario.sharing = .general
        scenario.earliestDeadline = 0.4
        scenario.reuse = .retained
        scenario.overlap = true
        scenario.memoryBytes = Int(value * 1e6)
        return scenario
    }
}

/// Accelerator memory.
struct RollingMemoryExperiment: RollingExperiment {
    let name = "rolling-memory"
    let title = "Rolling horizon: accelerator memory"
    let reading =
        "How much memory it takes to load next to nothing, with shared blocks kept once and with whole models."
    let axis = ExperimentAxis("Accelerator memory (MB)", isLogarithmic: true)

    var points: [ExperimentPoint] { [120, 180, 240, 480, 960, 1920, 2880].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.memoryBytes = Int(value * 1e6)
        return scenario
    }
}

/// Very many requests over 300 models: what the simulator itself is measured with.
public enum ScaleScenario {
    /// The scenario all experiments start from with 300 models, until about `requests` have come; memory for a tenth of the models'
    /// bytes where nothing is said.
    public static func scenario(requests: Int, memoryBytes: Int? = nil) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.models = 300
        scenario.memoryBytes = memoryBytes ?? 2_400_000_000
        scenario.workload.devices = 1000
        scenario.workload.duration = Double(requests) / scenario.workload.rate
        return scenario
    }
}

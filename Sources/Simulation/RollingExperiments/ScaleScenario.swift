/// Very many requests over 300 models: what the simulator itself is measured with.
public enum ScaleScenario {
    /// 300 models, memory for a tenth of their bytes, 500 requests a second, until about `requests` have come.
    public static func scenario(requests: Int) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.models = 300
        scenario.memoryBytes = 2_400_000_000
        scenario.uplinkHertz = 100e6
        scenario.workload.devices = 1000
        scenario.workload.rate = 500
        scenario.workload.duration = Double(requests) / scenario.workload.rate
        return scenario
    }
}

/// Very many requests over 300 models: what the simulator itself is measured with.
public enum ScaleScenario {
    /// 300 models and 500 requests a second over an uplink of 100 MHz, until about `requests` have come; memory for a tenth of the
    /// models' bytes where nothing is said. Links do not change, so that nobody reports how far uploads are.
    public static func scenario(requests: Int, memoryBytes: Int? = nil) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.models = 300
        scenario.memoryBytes = memoryBytes ?? 2_400_000_000
        scenario.reportInterval = nil
        scenario.uplinkHertz = 100e6
        scenario.workload.devices = 1000
        scenario.workload.rate = 500
        scenario.workload.duration = Double(requests) / scenario.workload.rate
        return scenario
    }
}

/// How long after its arrival a request must be answered.
struct RollingDeadlineExperiment: RollingExperiment {
    let name = "rolling-deadline"
    let title = "Rolling horizon: deadline"
    let reading =
        "What patience buys: later deadlines make larger batches and fewer loads."
    let axis = ExperimentAxis("Mean time to the deadline (ms); each from 0.4 to 1.6 times it")

    var points: [ExperimentPoint] { [100, 200, 300, 500, 750, 1000, 1500].map { ExperimentPoint($0) } }

    func scenario(at value: Double) -> RollingScenario {
        var scenario = RollingScenario()
        scenario.workload.timeout = 0.4 * value / 1000...1.6 * value / 1000
        return scenario
    }
}

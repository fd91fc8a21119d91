import Foundation
import Gateway
import ServingCore
import Simulation

extension SimulateCommand {
    /// Runs so many requests over 300 models in rolling horizon on this thread, with `greedy`, and says how long that took.
    func simulateScale(_ requests: Int) throws {
        let start = SystemMonotonicClock.now()
        let scenario = ScaleScenario.scenario(requests: requests, memoryBytes: try memory())
        let outcome = scenario.run(.greedy, seed: 1, costs: .stated)
        let seconds = start.duration(to: SystemMonotonicClock.now()).inSeconds
        let each = 1e6 * seconds / Double(max(outcome.sent, 1))
        try CommandOutput.print("\(outcome)")
        try CommandOutput.print(
            "plans         \(outcome.plans), \(outcome.plansAdopted) of them taken\n"
                + String(format: "simulated in  %.2f s on one core, %.1f us a request, ", seconds, each)
                + "\(outcome.events) events"
        )
    }

    /// The memory that was asked for; nil for the scenario's own.
    private func memory() throws -> Int? {
        guard memoryBytes != nil else { return nil }
        return try common.configuration(flags: [("--memory-bytes", "memory.bytes", memoryBytes)]).memory.rawValue
    }
}

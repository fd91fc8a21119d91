import Foundation
import ServingCore
import Simulation

extension SimulateCommand {
    /// Runs so many requests over 300 models in rolling horizon on this thread, with `greedy`, and says how long that took.
    func simulateScale(_ requests: Int) {
        let start = SystemMonotonicClock.now()
        let scenario = ScaleScenario.scenario(requests: requests)
        let outcome = scenario.run(.greedy, seed: 1, costs: .stated)
        let seconds = start.duration(to: SystemMonotonicClock.now()).inSeconds
        let each = 1e6 * seconds / Double(max(outcome.sent, 1))
        print(outcome)
        print(
            "plans         \(outcome.plans), \(outcome.plansAdopted) of them taken\n"
                + String(format: "simulated in  %.2f s on one core, %.1f us a request, ", seconds, each)
                + "\(outcome.events) events"
        )
    }
}

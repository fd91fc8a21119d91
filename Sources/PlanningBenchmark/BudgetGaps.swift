import Foundation
import LoadScheduling
import PlanFormat
import ServingCore
import Synchronization

/// How long a solver goes on without asking whether its budget is used up, in seconds of its own processor time: what others do on
/// the machine does not count.
final class BudgetGaps: Sendable {
    private struct State {
        var begin = 0.0
        var last = 0.0
        var gaps: [Double] = []
    }

    private let state = Mutex(State())
    private let budget: Double

    init(budget: Duration) {
        self.budget = budget.inMilliseconds / 1e3
    }

    /// Seconds of processor time this thread has used.
    static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func ask() -> Bool {
        let now = Self.processorSeconds
        return state.withLock {
            $0.gaps.append(now - $0.last)
            $0.last = now
            return now - $0.begin >= budget
        }
    }

    /// Runs `solver` and returns its result, how long it took, and the longest stretches without a question: to the first, between two,
    /// and after the last.
    func run(
        _ solver: any LoadScheduler,
        on problem: SchedulingProblem
    ) -> (result: SchedulingResult, seconds: Double, before: Double, between: Double, after: Double) {
        let begin = Self.processorSeconds
        state.withLock { $0 = State(begin: begin, last: begin) }
        let result = solver.solve(problem, limits: SchedulingLimits { self.ask() })
        let end = Self.processorSeconds
        return state.withLock {
            let between = $0.gaps.dropFirst().max() ?? 0
            return (result, end - begin, $0.gaps.first ?? 0, between, end - $0.last)
        }
    }
}

import Foundation
import LoadScheduling
import ServingCore
import Synchronization

/// How long a solver goes on without asking whether its budget is used up, by its own processor time: what others do on the
/// machine does not count. Asked by one thread.
final class BudgetGaps: Sendable {
    /// What a run took, in seconds of processor time.
    struct Measure {
        let result: SchedulingResult
        let seconds: Double
        /// Until the first question.
        let before: Double
        /// The longest stretch between two questions.
        let between: Double
        /// After the last question.
        let after: Double
        /// What it took over its budget.
        let over: Double

        /// The longest stretch without a question.
        var longest: Double { max(before, between, after) }
    }

    private let budget: Int
    private let begin = Atomic(0)
    private let first = Atomic(0)
    private let last = Atomic(0)
    private let longest = Atomic(0)

    init(budget: Duration) {
        self.budget = Int(budget.inMilliseconds * 1e6)
    }

    /// Nanoseconds of processor time this thread has used.
    private static var processorNanoseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Seconds that are left.
    private func ask() -> Double {
        let now = Self.processorNanoseconds
        let before = last.exchange(now, ordering: .relaxed)
        if first.load(ordering: .relaxed) == 0 {
            first.store(now, ordering: .relaxed)
        } else {
            longest.max(now - before, ordering: .relaxed)
        }
        return Double(budget - (now - begin.load(ordering: .relaxed))) / 1e9
    }

    /// Runs `solver` once.
    func run(_ solver: any LoadScheduler, on problem: SchedulingProblem) -> Measure {
        let start = Self.processorNanoseconds
        begin.store(start, ordering: .relaxed)
        last.store(start, ordering: .relaxed)
        let limits = SchedulingLimits(budgetSeconds: Double(budget) / 1e9) { self.ask() }
        let result = solver.solve(problem, limits: limits)
        let end = Self.processorNanoseconds
        let first = first.load(ordering: .relaxed)
        return Measure(
            result: result,
            seconds: Double(end - start) / 1e9,
            before: Double((first == 0 ? end : first) - start) / 1e9,
            between: Double(longest.load(ordering: .relaxed)) / 1e9,
            after: Double(end - last.load(ordering: .relaxed)) / 1e9,
            over: max(Double(end - start - budget), 0) / 1e9
        )
    }
}

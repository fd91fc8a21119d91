import AdmissionControl
import Foundation
import ServingCore

/// What questions of one kind came to.
struct AdmissionFigures {
    /// What was taken, in milliseconds.
    struct Times {
        private var times: [Double] = []

        /// How many there are.
        var count: Int { times.count }

        /// Milliseconds that half stay within; 0 of none.
        var median: Double { quantile(50) }

        /// Milliseconds that 99 of 100 stay within.
        var high: Double { quantile(99) }

        /// The longest.
        var longest: Double { times.max() ?? 0 }

        private func quantile(_ percent: Int) -> Double {
            times.isEmpty ? 0 : times.sorted()[times.count * percent / 100]
        }

        mutating func append(_ milliseconds: Double) { times.append(milliseconds) }
    }

    /// All questions.
    private(set) var all = Times()
    /// Those that were added to the plan.
    private(set) var admitted = Times()
    /// Those that were refused, and most often told which deadline would do.
    private(set) var refused = Times()
    private var named = 0

    /// Counts one question and what it took.
    mutating func measure(_ decide: () -> AdmissionVerdict) {
        let start = ProcessorTime.seconds
        let verdict = decide()
        let taken = (ProcessorTime.seconds - start) * 1e3
        all.append(taken)
        switch verdict {
        case .admit: admitted.append(taken)
        case .reject(let error):
            refused.append(taken)
            named += error.earliestDeadline == nil ? 0 : 1
        }
    }

    /// The line that is printed.
    func line(_ name: String) -> String {
        let numbers = String(
            format: "median %.4f ms, 99th percentile %.4f, longest %.4f",
            all.median,
            all.high,
            all.longest
        )
        return "  \(name): \(numbers); \(admitted.count) of \(all.count) admitted, \(named) told a later deadline"
    }
}

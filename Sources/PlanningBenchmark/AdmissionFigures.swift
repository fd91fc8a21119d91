import AdmissionControl
import Foundation
import ServingCore

/// What questions of one kind came to.
struct AdmissionFigures {
    private var times: [Double] = []
    private var admitted = 0
    private var named = 0

    /// Milliseconds that half of the questions stay within.
    var median: Double { sorted[sorted.count / 2] }

    /// Milliseconds that 99 of 100 questions stay within.
    var high: Double { sorted[sorted.count * 99 / 100] }

    private var sorted: [Double] { times.sorted() }

    /// Counts one question and what it took.
    mutating func measure(_ decide: () -> AdmissionVerdict) {
        let start = ProcessorTime.seconds
        let verdict = decide()
        times.append((ProcessorTime.seconds - start) * 1e3)
        switch verdict {
        case .admit: admitted += 1
        case .reject(let error): named += error.earliestDeadline == nil ? 0 : 1
        }
    }

    /// The line that is printed.
    func line(_ name: String) -> String {
        let numbers = String(
            format: "median %.4f ms, 99th percentile %.4f, longest %.4f",
            median,
            high,
            sorted.last ?? 0
        )
        return "  \(name): \(numbers); \(admitted) of \(times.count) admitted, \(named) told a later deadline"
    }
}

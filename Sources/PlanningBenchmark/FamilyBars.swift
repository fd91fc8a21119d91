import Foundation
import PlanFormat
import TestSupport

/// The bars of one family.
struct FamilyBars {
    let family: InstanceGenerator.Family
    let results: [InstanceResult]

    private var preferred: String { SolverRegistry.all.preferred.name }

    var bars: [Bar] {
        switch family {
        case .small, .varied, .bound: rules + [optimum(of: preferred), time(of: preferred, atMost: 200)]
        case .backbone:
            rules
                + ["backbone-dp", preferred].flatMap { [optimum(of: $0), time(of: $0, atMost: 50)] }
        case .general: rules + [neverBelow, overBatching, gap]
        case .large: rules
        }
    }

    /// Schedules keep the rules, and no two solvers contradict each other.
    private var rules: [Bar] {
        let faults = results.flatMap(\.faults)
        let figure = faults.isEmpty ? "all keep the rules" : faults.prefix(3).joined(separator: "; ")
        return [Bar(name: "\(family.rawValue): schedules and bounds", figure: figure, isReached: faults.isEmpty)]
    }

    private func optimum(of solver: String) -> Bar {
        let proved = results.filter { $0.optimum != nil }
        let reached = proved.filter { $0.figures[solver]?.served == $0.optimum }
        return Bar(
            name: "\(family.rawValue): \(solver) = proved optimum",
            figure: "\(reached.count) of \(proved.count), \(results.count - proved.count) without a proof",
            isReached: reached.count == results.count
        )
    }

    private func time(of solver: String, atMost limit: Double) -> Bar {
        let times = results.compactMap { $0.figures[solver]?.milliseconds }
        return Bar(
            name: "\(family.rawValue): \(solver) at most \(Int(limit)) ms",
            figure: times.max().map { String(format: "%.2f ms", $0) } ?? "no such solver",
            isReached: times.max().map { $0 <= limit } ?? false
        )
    }

    private var neverBelow: Bar {
        let below = results.filter { result in
            let best = result.figures.values.map(\.served).max() ?? 0
            return result.preferred?.served ?? 0 < best
        }
        let names = below.isEmpty ? "never" : "below on \(below.map(\.name).joined(separator: ", "))"
        return Bar(
            name: "\(family.rawValue): \(preferred) below another solver",
            figure: names,
            isReached: below.isEmpty
        )
    }

    private var overBatching: Bar {
        let ratios = results.compactMap { result -> Double? in
            let best = ["fifo", "edf", "random"].compactMap { result.figures[$0]?.served }.max() ?? 0
            guard best > 0, let preferred = result.preferred else { return nil }
            return Double(preferred.served) / Double(best)
        }
        let mean = ratios.isEmpty ? 0 : ratios.reduce(0, +) / Double(ratios.count)
        return Bar(
            name: "\(family.rawValue): \(preferred) over the best of fifo, edf, random, on average at least 1.5",
            figure: String(format: "%.3f", mean),
            isReached: mean >= 1.5
        )
    }

    private var gap: Bar {
        let gaps = results.compactMap(\.gap).sorted()
        let median = gaps.isEmpty ? 1 : (gaps[gaps.count / 2] + gaps[(gaps.count - 1) / 2]) / 2
        let range = "\(percent(gaps.first ?? 1)) to \(percent(gaps.last ?? 1))"
        return Bar(
            name: "\(family.rawValue): median gap to the upper bound at most 10 %",
            figure: "\(percent(median)), \(range)",
            isReached: median <= 0.1
        )
    }

    private func percent(_ value: Double) -> String { String(format: "%.1f %%", value * 100) }
}

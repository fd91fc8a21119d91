private import Foundation

/// A gnuplot script that draws one measure of an experiment: a curve each, with 95 % intervals.
public struct PlotScript: Sendable {
    /// What is drawn.
    public let table: ExperimentTable
    /// The measure, by index.
    public let measure: Int

    /// The kinds of picture.
    public enum Format: String, CaseIterable, Sendable {
        /// Vectors.
        case svg
        /// Pixels.
        case png

        fileprivate var terminal: String {
            switch self {
            case .svg: "svg size 860,460 dynamic background rgb 'white' font 'sans-serif,14'"
            case .png: "pngcairo size 1290,690 font 'sans,16'"
            }
        }
    }

    /// Okabe and Ito's colours, which colour-blind people can tell apart; yellow made darker.
    private static let colours = [
        "#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#B8860B", "#777777",
    ]

    /// Makes one.
    public init(table: ExperimentTable, measure: Int) {
        self.table = table
        self.measure = measure
    }

    /// The script that writes to `path` in `format`.
    public func text(_ format: Format, to path: String) -> String {
        let experiment = table.experiment
        let kind = experiment.measures[measure]
        var lines = [
            "set terminal \(format.terminal)", "set output \(Self.quoted(path))",
            "set title \(Self.quoted(experiment.title)) noenhanced",
            "set xlabel \(Self.quoted(experiment.axis.label)) noenhanced",
            "set ylabel \(Self.quoted(kind.label)) noenhanced",
            "set key outside right center Left reverse noenhanced spacing 1.2",
            "set grid back lt 1 lw 1 lc rgb '#cccccc'", "set border 3",
            "set tics nomirror", kind.startsAtZero ? "set yrange [0:*]" : "set yrange [*:*]",
        ]
        lines += axis(of: experiment)
        for curve in experiment.curves.indices { lines += data(of: curve) }
        lines.append("plot " + experiment.curves.indices.map { plot($0, experiment) }.joined(separator: ", \\\n  "))
        return lines.joined(separator: "\n") + "\n"
    }

    private func axis(of experiment: any Experiment) -> [String] {
        let values = experiment.points.map(\.value)
        let hasLabels = experiment.points.contains { $0.label != nil }
        var lines: [String] = []
        if experiment.axis.isLogarithmic { lines.append("set logscale x") }
        if let least = values.min(), let most = values.max(), least < most {
            lines.append("set xrange [\(moved(least, by: -0.04)):\(moved(most, by: 0.04))]")
        }
        if experiment.axis.isLogarithmic || hasLabels {
            let tics = experiment.points.map { "\(Self.quoted($0.label ?? Self.short($0.value))) \($0.value)" }
            lines.append("set xtics (\(tics.joined(separator: ", ")))")
        }
        if values.count == 1, let only = values.first { lines.append("set xrange [\(only - 1):\(only + 1)]") }
        return lines
    }

    private func data(of curve: Int) -> [String] {
        let rows = table.experiment.points.enumerated().compactMap { point, place -> String? in
            guard let found = table.estimate(point: point, curve: curve, measure: measure) else { return nil }
            // Curves stand a little beside one another, so that intervals do not hide each other.
            let middle = Double(table.experiment.curves.count - 1) / 2
            let x = moved(place.value, by: 0.004 * (Double(curve) - middle))
            return "\(x) \(found.mean) \(found.halfWidth.isFinite ? found.halfWidth : 0)"
        }
        // gnuplot refuses a block without a number; NaN draws nothing.
        return ["$curve\(curve) << EOD"] + (rows.isEmpty ? ["NaN NaN NaN"] : rows) + ["EOD"]
    }

    /// A place on the axis, moved by a part of the axis' length.
    private func moved(_ value: Double, by part: Double) -> Double {
        let values = table.experiment.points.map(\.value)
        guard let least = values.min(), let most = values.max(), least < most else { return value }
        guard table.experiment.axis.isLogarithmic else { return value + part * (most - least) }
        return value * pow(most / least, part)
    }

    private func plot(_ curve: Int, _ experiment: any Experiment) -> String {
        let colour = Self.colours[curve % Self.colours.count]
        let dash = curve < 4 ? 1 : 2
        return "$curve\(curve) using 1:2:3 with yerrorlines lw 2 dt \(dash) lc rgb '\(colour)' pt \(curve + 4) ps 0.7 "
            + "title \(Self.quoted(experiment.curves[curve]))"
    }

    private static func short(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}

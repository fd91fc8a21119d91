/// An experiment's table as CSV (RFC 4180 with line feeds), a line for each point, curve and measure.
public enum ExperimentCSV {
    /// The first line.
    public static let header = "point,label,curve,measure,mean,half_width_95,samples"

    /// The table with its header; cells without a value are left out, an interval that is not known is empty.
    public static func text(_ table: ExperimentTable) -> String {
        var lines = [header]
        let experiment = table.experiment
        for (point, place) in experiment.points.enumerated() {
            for (curve, curveName) in experiment.curves.enumerated() {
                for (measure, kind) in experiment.measures.enumerated() {
                    guard let found = table.estimate(point: point, curve: curve, measure: measure) else { continue }
                    let width = found.halfWidth.isFinite ? "\(found.halfWidth)" : ""
                    let fields = [
                        "\(place.value)", quoted(place.label ?? ""), quoted(curveName), kind.name, "\(found.mean)",
                        width,
                        "\(found.count)",
                    ]
                    lines.append(fields.joined(separator: ","))
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

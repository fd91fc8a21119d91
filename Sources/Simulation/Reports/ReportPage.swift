public import Foundation

/// One HTML page that holds all plots: pictures inside, nothing from elsewhere.
public struct ReportPage: Sendable {
    /// An experiment with its pictures.
    public struct Section: Sendable {
        /// What was found.
        public var table: ExperimentTable
        /// For each measure, an SVG picture.
        public var pictures: [Data]
    }

    /// The experiments.
    public var sections: [Section]
    /// What they share.
    public var setting: ExperimentSetting

    /// The page.
    public var text: String {
        let names = sections.map(\.table.experiment.name)
        let links = names.map { "<a href=\"#\(Self.escaped($0))\">\(Self.escaped($0))</a>" }
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>gateway simulate</title><style>
            body { font: 16px/1.5 sans-serif; max-width: 1500px; margin: 2em auto; padding: 0 1em; color: #222 }
            .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(480px, 1fr)) }
            figure { margin: 0.5em 0 } img { width: 100% }
            </style></head><body>
            <h1>What the gateway would do</h1>
            <p>\(setting.seeds) seeds a point; bars are 95 % intervals of the mean (Student's t). Loads and batches take what
            \(Self.escaped(setting.costs.source)) say.</p>
            <p>\(links.joined(separator: " · "))</p>
            \(sections.map(Self.html).joined(separator: "\n"))
            </body></html>

            """
    }

    private static func html(_ section: Section) -> String {
        let experiment = section.table.experiment
        let figures = zip(experiment.measures, section.pictures).map { measure, picture in
            let alternative = escaped("\(experiment.title): \(measure.label)")
            let source = "data:image/svg+xml;base64,\(picture.base64EncodedString())"
            return "<figure><img alt=\"\(alternative)\" src=\"\(source)\"></figure>"
        }
        let name = escaped(experiment.name)
        return """
            <section id="\(name)"><h2>\(escaped(experiment.title))</h2><p>\(escaped(experiment.reading))</p>
            <div class="plots">\(figures.joined(separator: "\n"))</div>
            </section>
            """
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}

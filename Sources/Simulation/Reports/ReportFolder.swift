public import Foundation

/// Writes tables to a folder: `NAME.csv`, `NAME-MEASURE.svg` and `.png`, and `index.html` with all of them.
public struct ReportFolder: Sendable {
    /// Where to.
    public var folder: URL
    /// What draws.
    public var gnuplot: Gnuplot

    /// Makes one; the folder is made when something is written.
    public init(folder: URL, gnuplot: Gnuplot) {
        self.folder = folder
        self.gnuplot = gnuplot
    }

    /// Writes everything about `tables`.
    public func write(_ tables: [ExperimentTable], setting: ExperimentSetting) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var page = ReportPage(sections: [], setting: setting)
        for table in tables {
            let csv = folder.appending(path: "\(table.experiment.name).csv")
            try Data(ExperimentCSV.text(table).utf8).write(to: csv, options: .atomic)
            page.sections.append(ReportPage.Section(table: table, pictures: try draw(table)))
        }
        try Data(page.text.utf8).write(to: folder.appending(path: "index.html"), options: .atomic)
    }

    /// Draws every measure in every format; the SVG pictures come back.
    private func draw(_ table: ExperimentTable) throws -> [Data] {
        try table.experiment.measures.enumerated().map { measure, kind in
            let name = "\(table.experiment.name)-\(kind.name)"
            let script = PlotScript(table: table, measure: measure)
            for format in PlotScript.Format.allCases {
                try gnuplot.run(script.text(format, to: folder.appending(path: "\(name).\(format.rawValue)").path))
            }
            return try Data(contentsOf: folder.appending(path: "\(name).svg"))
        }
    }
}

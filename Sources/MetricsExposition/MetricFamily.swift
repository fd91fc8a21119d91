internal import Synchronization

/// All series of one metric, by their labels; a bounded number of them, whatever label values come.
public final class MetricFamily<Series: Metric>: Sendable {
    private struct Labelled {
        let labels: SampleLabels
        let series: Series
    }

    private struct State {
        var byLabels: [SampleLabels: Int] = [:]
        var series: [Labelled] = []
    }

    private let name: MetricName
    private let help: String
    private let type: String
    private let maximumSeries: Int
    private let make: @Sendable () -> Series
    private let state = Mutex(State())

    init(
        _ name: String,
        help: String,
        type: String,
        maximumSeries: Int,
        make: @escaping @Sendable () -> Series
    ) {
        self.name = MetricName(name)
        self.help = help
        self.type = type
        self.maximumSeries = max(1, maximumSeries)
        self.make = make
    }

    /// The series with these labels, made when it is first asked for; keep it where it is used often.
    ///
    /// Put the label with an open set of values first (the model): once the family is full its value becomes `other`.
    /// Should that not be enough, all values do. O(labels); takes the family's lock.
    public func labelled(_ labels: [(String, String)]) -> Series {
        precondition(labels.allSatisfy { $0.0.isLabelName }, "label names are letters, digits and underscores")
        return state.withLock { state in
            find(labels, limit: maximumSeries, &state)
                ?? find(Self.other(labels, count: 1), limit: maximumSeries * 2, &state)
                ?? findOrMake(Self.other(labels, count: labels.count), &state)
        }
    }

    /// The series without labels.
    public var unlabelled: Series { labelled([]) }

    /// How many series there are.
    public var seriesCount: Int { state.withLock { $0.series.count } }

    private func find(_ labels: [(String, String)], limit: Int, _ state: inout State) -> Series? {
        let rendered = SampleLabels(labels.map { ($0.0, $0.1) })
        if let index = state.byLabels[rendered] { return state.series[index].series }
        return state.series.count < limit ? add(rendered, &state) : nil
    }

    private func findOrMake(_ labels: [(String, String)], _ state: inout State) -> Series {
        find(labels, limit: .max, &state) ?? make()
    }

    private func add(_ labels: SampleLabels, _ state: inout State) -> Series {
        let series = make()
        state.byLabels[labels] = state.series.count
        state.series.append(Labelled(labels: labels, series: series))
        return series
    }

    private static func other(_ labels: [(String, String)], count: Int) -> [(String, String)] {
        labels.enumerated().map { $0.offset < count ? ($0.element.0, "other") : $0.element }
    }
}

extension MetricFamily: ExposedFamily {
    func emit(into text: inout [UInt8]) {
        let series = state.withLock { $0.series }
        guard !series.isEmpty else { return }
        text.appendHead(name.text, help: help, type: type)
        for labelled in series {
            labelled.series.emit(name, labels: labelled.labels, into: &text)
        }
    }
}

extension String {
    fileprivate var isLabelName: Bool { isMetricWord(allowingColon: false) }
}

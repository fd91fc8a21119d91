import Foundation

/// All policies side by side, a row for each setting and policy.
struct PolicyTable {
    private let figures: PolicyFigures

    init(_ figures: PolicyFigures) { self.figures = figures }

    private static let columns: [(name: String, width: Int)] = [
        ("requests/s", 12), ("sent", 8), ("in time", 9), ("met", 8), ("not in time", 13), ("refusal p99", 13),
        ("latency p99", 13), ("wasted MB", 11), ("loaded MB", 11), ("planner", 9), ("load p90", 10),
        ("compute p90", 13),
    ]

    /// The table; `not in time` is of the admitted, p90 of how far estimates were off.
    var text: String {
        let head = Self.left("", 18) + Self.columns.map { Figure.cell($0.name, $0.width) }.joined()
        let groups = Dictionary(grouping: figures.results) { Group(setting: $0.setting.name, policy: $0.policy) }
        let order = figures.results.map { Group(setting: $0.setting.name, policy: $0.policy) }
        var seen: Set<Group> = []
        let settings = order.map(\.setting).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let sorted = order.filter { seen.insert($0).inserted }.sorted {
            let (first, second) = (settings.firstIndex(of: $0.setting) ?? 0, settings.firstIndex(of: $1.setting) ?? 0)
            return first != second ? first < second : $0.policy < $1.policy
        }
        return ([head] + sorted.map { row($0, groups[$0] ?? []) }).joined(separator: "\n")
    }

    private struct Group: Hashable {
        let setting: String
        let policy: String
    }

    private func row(_ group: Group, _ results: [PolicyResult]) -> String {
        let totals = Totals(results)
        let cells = [
            Figure.fixed(results.first?.setting.rate ?? 0, 1), "\(totals.sent)", "\(totals.inTime)",
            Figure.percent(Double(totals.inTime) / Double(max(totals.sent, 1))),
            Figure.percent(totals.missedPart), Figure.milliseconds(totals.refusalP99),
            Figure.milliseconds(totals.latencyP99), Figure.fixed(Double(totals.wasted) / 1e6, 1),
            "\(totals.loaded / 1_000_000)", Figure.percent(totals.plannerShare), Figure.percent(totals.loadError),
            Figure.percent(totals.computeError),
        ]
        let name = Self.left("\(group.setting) \(group.policy)", 18)
        return name + zip(cells, Self.columns).map { Figure.cell($0, $1.width) }.joined()
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}

/// The sums over the rounds of one setting and policy; of percentiles and shares the worst.
struct Totals {
    let sent: Int
    let inTime: Int
    let admitted: Int
    let wasted: Int
    let loaded: Int
    let goodput: Double
    let refusalP99: Double?
    let latencyP99: Double?
    let plannerShare: Double
    let loadError: Double?
    let computeError: Double?

    init(_ results: [PolicyResult]) {
        sent = results.reduce(0) { $0 + $1.client.sent }
        inTime = results.reduce(0) { $0 + $1.client.inTime }
        admitted = results.reduce(0) { $0 + $1.client.admitted }
        wasted = results.reduce(0) { $0 + $1.client.bytesWasted }
        loaded = results.reduce(0) { $0 + $1.server.blocks.loadedBytes }
        goodput = results.map(\.client.goodputPerS).reduce(0, +) / Double(max(results.count, 1))
        refusalP99 = results.compactMap(\.client.refusalMs?.p99).max()
        latencyP99 = results.compactMap(\.client.latencyMs?.p99).max()
        plannerShare = results.map(\.plannerShare).max() ?? 0
        loadError = results.compactMap(\.server.estimateErrors.load.p90).max()
        computeError = results.compactMap(\.server.estimateErrors.compute.p90).max()
    }

    /// The part of the admitted that was not answered in time.
    var missedPart: Double { Double(admitted - inTime) / Double(max(admitted, 1)) }
}

/// Numbers as text.
enum Figure {
    static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
    static func percent(_ part: Double?) -> String { part.map { String(format: "%.1f %%", $0 * 100) } ?? "-" }
    static func milliseconds(_ value: Double?) -> String { value.map { String(format: "%.1f ms", $0) } ?? "-" }
    static func cell(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

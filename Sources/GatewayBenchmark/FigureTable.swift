import Foundation

/// The figures of all rounds, and their medians as a table.
struct FigureTable {
    private let names: [String]
    private var figures: [String: [Figures]] = [:]

    init(names: [String]) { self.names = names }

    mutating func add(_ new: Figures, of name: String) { figures[name, default: []].append(new) }

    /// Median requests/s of one server over that of another; 0 where the other was not measured.
    func ratio(of name: String, to other: String) -> Double {
        let reference = median(of: other, \.requestsPerSecond)
        return reference > 0 ? median(of: name, \.requestsPerSecond) / reference : 0
    }

    /// One row for each server: medians over the rounds, the range of requests/s, and the ratios.
    var text: String {
        let columns = ["requests/s", "(lowest-highest)", "p50 ms", "p99 ms", "of bare", "of nginx"]
        let head = padded("server", 20, left: true) + columns.map { padded($0, 18) }.joined()
        return ([head] + names.map(row)).joined(separator: "\n")
    }

    private func row(_ name: String) -> String {
        let rates = (figures[name] ?? []).map(\.requestsPerSecond).sorted()
        let cells = [
            "\(Int(median(of: name, \.requestsPerSecond)))",
            "(\(Int(rates.first ?? 0))-\(Int(rates.last ?? 0)))",
            String(format: "%.3f", median(of: name, \.medianMilliseconds)),
            String(format: "%.3f", median(of: name, \.p99Milliseconds)),
            String(format: "%.2f", ratio(of: name, to: BareServer.serverName)),
            String(format: "%.2f", ratio(of: name, to: NginxServer.serverName)),
        ]
        return padded(name, 20, left: true) + cells.map { padded($0, 18) }.joined()
    }

    private func median(of name: String, _ figure: KeyPath<Figures, Double>) -> Double {
        let sorted = (figures[name] ?? []).map { $0[keyPath: figure] }.sorted()
        guard let upper = sorted[safe: sorted.count / 2] else { return 0 }
        guard sorted.count.isMultiple(of: 2), let lower = sorted[safe: sorted.count / 2 - 1] else { return upper }
        return (lower + upper) / 2
    }

    private func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, width - text.count))
        return left ? text + spaces : spaces + text
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

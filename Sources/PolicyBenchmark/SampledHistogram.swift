/// A histogram without labels as Prometheus' text format shows it.
struct SampledHistogram {
    /// Upper bounds and how many values were no higher, rising; the last bound is infinite.
    private let buckets: [(bound: Double, count: Double)]

    /// Reads the buckets of `name` out of a scrape.
    init(_ name: String, in scrape: String) {
        let prefix = "\(name)_bucket{le=\""
        buckets = scrape.split(separator: "\n").filter { $0.hasPrefix(prefix) }.compactMap { line in
            let parts = line.dropFirst(prefix.count).split(separator: "\"", maxSplits: 1)
            guard parts.count == 2, let count = Double(parts[1].drop { $0 == "}" || $0 == " " }) else { return nil }
            return Double(parts[0]).map { ($0, count) }
        }
    }

    /// The least bound that this part of all values is no higher than; nil without values.
    func bound(ofPart part: Double) -> Double? {
        guard let all = buckets.last?.count, all > 0 else { return nil }
        return buckets.first { $0.count >= part * all }?.bound
    }
}

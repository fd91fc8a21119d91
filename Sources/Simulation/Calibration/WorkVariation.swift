/// How much loads and batches vary, and what they lose while the other goes on: what was measured, as multiples of the estimates.
public struct WorkVariation: Hashable, Sendable {
    /// Quantiles, in ascending order, of what work took over what it was estimated to take.
    public struct Ratios: Hashable, Sendable {
        /// While nothing else went on.
        public var alone: [Double]
        /// While the other kind of work went on, too.
        public var beside: [Double]

        /// Makes ratios of samples or quantiles.
        public init(alone: [Double], beside: [Double]) {
            self.alone = alone
            self.beside = beside
        }

        /// Makes ratios of samples that each count as much as their weight, such as the seconds they are of: the middle of each of
        /// so many equal parts of all weights.
        ///
        /// - Complexity: O(samples * log(samples)).
        public init(alone: [(ratio: Double, weight: Double)], beside: [(ratio: Double, weight: Double)]) {
            self.init(alone: Self.quantiles(alone), beside: Self.quantiles(beside))
        }

        private static func quantiles(_ samples: [(ratio: Double, weight: Double)]) -> [Double] {
            let sorted = samples.sorted { $0.ratio < $1.ratio }
            let total = sorted.reduce(0) { $0 + $1.weight }
            guard total > 0 else { return [] }
            var (found, passed) = ([Double](), 0.0)
            for sample in sorted {
                passed += sample.weight / total
                while found.count < quantileCount, passed * Double(quantileCount) > Double(found.count) + 0.5 {
                    found.append(sample.ratio)
                }
            }
            return found
        }

        /// The multiples at one place of both distributions, `part` of the way up.
        func at(_ part: Double) -> (alone: Double, beside: Double) {
            (Self.value(alone, part), Self.value(beside, part))
        }

        private static func value(_ quantiles: [Double], _ part: Double) -> Double {
            let place = min(Int(part * Double(quantiles.count)), quantiles.count - 1)
            return place >= 0 ? quantiles[place] : 1
        }

        fileprivate func reduced(to count: Int) -> Ratios {
            Ratios(alone: Self.quantiles(alone, count), beside: Self.quantiles(beside, count))
        }

        /// The middle of each of `count` equal parts of the samples; all of them where they are fewer.
        private static func quantiles(_ samples: [Double], _ count: Int) -> [Double] {
            let sorted = samples.sorted()
            guard sorted.count > count else { return sorted }
            return (0..<count).map { sorted[(2 * $0 + 1) * sorted.count / (2 * count)] }
        }
    }

    /// Loads of a block.
    public var loads: Ratios
    /// Batches.
    public var batches: Ratios

    /// By how much longer a load or batch takes while the other goes on, as a part of what it takes alone: the mean of both; not below 0.
    public var contention: Double {
        let losses = [loads, batches].map { Self.mean($0.beside) / Self.mean($0.alone) }
        return max(Self.mean(losses) - 1, 0)
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }

    /// So many quantiles stand for a distribution; the rarest hundredth is among them.
    static let quantileCount = 100

    /// Makes it of samples, which are reduced to quantiles; nil where there are none, or one is not above 0.
    public init?(loads: Ratios, batches: Ratios) {
        for part in [loads.alone, loads.beside, batches.alone, batches.beside] {
            guard !part.isEmpty, part.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        }
        self.loads = loads.reduced(to: Self.quantileCount)
        self.batches = batches.reduced(to: Self.quantileCount)
    }
}

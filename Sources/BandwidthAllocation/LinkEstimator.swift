public import ServingCore

/// What one device's link carries, learned from its uploads; time is a parameter.
///
/// Only uploads that were not held back by us show the link itself; what a held one reached is a lower bound. A quantile is
/// planned with rather than the mean, since half of all uploads are slower than the mean; a falling trend is followed at once.
public struct LinkEstimator: Hashable, Sendable {
    /// One observed stretch of an upload.
    private struct Sample: Hashable {
        var time: MonotonicInstant
        var rate: Double
        /// Whether the link was what limited it; else `rate` is only a lower bound.
        var isExact: Bool
    }

    /// What links are learned with.
    public struct Configuration: Hashable, Sendable {
        /// How many stretches are kept.
        public var sampleCount = 32
        /// After how long a stretch does not count any more.
        public var memory: Duration = .seconds(30)
        /// How many stretches it takes before anything is said.
        public var leastSamples = 3
        /// How far ahead a falling trend is followed.
        public var horizon: Duration = .seconds(1)

        /// Makes the defaults.
        public init() {}
    }

    private var samples: [Sample] = []

    /// Makes an estimator that knows nothing.
    public init() {}

    /// Takes in that `bytes` arrived in `span`, ending at `now`; `isLinkLimited` where nothing of ours held them back.
    public mutating func observe(
        bytes: Int,
        over span: Duration,
        isLinkLimited: Bool,
        at now: MonotonicInstant,
        _ configuration: Configuration = Configuration()
    ) {
        guard span > .zero, bytes >= 0 else { return }
        let rate = Double(bytes) * 8 / span.inSeconds
        if samples.count >= max(configuration.sampleCount, 1) {
            // Lower bounds, which every short upload gives, do not push out what shows the link itself.
            samples.remove(at: isLinkLimited ? 0 : samples.firstIndex { !$0.isExact } ?? 0)
        }
        samples.append(Sample(time: now, rate: rate, isExact: isLinkLimited))
    }

    /// The rate that a part `quantile` of what was seen stayed under, lowered by a falling trend; nil where too little is known.
    /// - Complexity: O(samples * log(samples)).
    public func rate(
        quantile: Double,
        at now: MonotonicInstant,
        _ configuration: Configuration = Configuration()
    ) -> BitsPerSecond? {
        let fresh = samples.filter { $0.time.duration(to: now) <= configuration.memory }
        let exact = fresh.filter(\.isExact)
        guard exact.count >= max(configuration.leastSamples, 1), let newest = exact.last?.time else { return nil }
        let sorted = exact.map(\.rate).sorted()
        let position = min(max(quantile, 0), 1) * Double(sorted.count - 1)
        let (below, above) = (sorted[Int(position)], sorted[min(Int(position) + 1, sorted.count - 1)])
        var rate = below + (above - below) * (position - position.rounded(.down))
        let drop = min(Self.slope(exact), 0) * configuration.horizon.inSeconds
        rate = max(rate + drop, rate / 2)
        // What was reached since, though held back, the link can surely carry.
        let bound = fresh.lazy.filter { !$0.isExact && $0.time > newest }.map(\.rate).max() ?? 0
        return BitsPerSecond(max(rate, bound))
    }

    /// The best rate that was reached lately, whatever limited it: the link carries at least that. Nil where nothing was seen.
    public func reachedRate(
        at now: MonotonicInstant,
        _ configuration: Configuration = Configuration()
    ) -> BitsPerSecond? {
        let fresh = samples.lazy.filter { $0.time.duration(to: now) <= configuration.memory }
        return fresh.map(\.rate).max().map { BitsPerSecond($0) }
    }

    /// How the link's rate changes, in bit/s per second, by least squares; 0 where too little is known.
    public func trend(at now: MonotonicInstant, _ configuration: Configuration = Configuration()) -> Double {
        let exact = samples.filter { $0.isExact && $0.time.duration(to: now) <= configuration.memory }
        return exact.count >= max(configuration.leastSamples, 2) ? Self.slope(exact) : 0
    }

    private static func slope(_ samples: [Sample]) -> Double {
        guard let first = samples.first?.time, samples.count > 1 else { return 0 }
        let times = samples.map { first.seconds(to: $0.time) }
        let count = Double(samples.count)
        let meanTime = times.reduce(0, +) / count
        let meanRate = samples.reduce(0) { $0 + $1.rate } / count
        var (covariance, variance) = (0.0, 0.0)
        for (time, sample) in zip(times, samples) {
            covariance += (time - meanTime) * (sample.rate - meanRate)
            variance += (time - meanTime) * (time - meanTime)
        }
        return variance > 0 ? covariance / variance : 0
    }
}

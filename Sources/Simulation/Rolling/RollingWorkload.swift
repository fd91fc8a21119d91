private import Foundation

/// Requests over time, drawn from a seed: Poisson arrivals, models by Zipf's law, devices with links of their own.
public struct RollingWorkload: Hashable, Sendable {
    /// A span in which more requests come.
    public struct Surge: Hashable, Sendable {
        /// When it lasts, in seconds from the start.
        public var span: ClosedRange<Double>
        /// How many times as many requests come.
        public var factor: Double

        /// Makes a surge.
        public init(span: ClosedRange<Double>, factor: Double) {
            self.span = span
            self.factor = factor
        }
    }

    /// What devices tell of their links.
    public enum Links: Hashable, Sendable {
        /// Nothing.
        case untold
        /// A spectral efficiency of their own, uniform, in bit/s/Hz.
        case uniform(ClosedRange<Double>)
        /// A spectral efficiency that follows from where they stand in a cell.
        case cell(RadioCell)
    }

    /// Requests a second, on average.
    public var rate = 100.0
    /// How long requests come, in seconds.
    public var duration = 5.0
    /// How unevenly models are asked for: 0 all alike.
    public var zipfExponent = 0.8
    /// Body bytes, uniform.
    public var bytes = 30_000...120_000
    /// Seconds to the deadline, uniform.
    public var timeout = 0.3...1.0
    /// How many devices send.
    public var devices = 100
    /// What each device tells of its link.
    public var links = Links.uniform(2...8)
    /// What each device's link carries at best, in bit/s.
    public var linkRate = 1e9
    /// A span in which more requests come; nil for none.
    public var surge: Surge?

    /// Makes a workload of the defaults.
    public init() {}

    /// Draws the requests for `models` models, which are asked for in an order of popularity of its own.
    ///
    /// Times, models, sizes and links each have a stream of their own: to change one leaves the others as they were.
    public func arrivals(models: Int, seed: UInt64) -> [RollingArrival] {
        let base = SimulationRandom(seed: seed)
        var (picks, sizes, ranks) = (base.stream(2), base.stream(3), base.stream(4))
        let popularity = ModelPopularity(models: max(models, 1), exponent: zipfExponent, random: &ranks)
        let efficiencies = efficiencies(base.stream(5))
        return times(base.stream(1)).map { time in
            let device = Int.random(in: 0..<max(devices, 1), using: &picks)
            return RollingArrival(
                time: time,
                model: popularity.model(&picks),
                bytes: .random(in: bytes, using: &sizes),
                timeout: .random(in: timeout, using: &sizes),
                device: device,
                efficiency: efficiencies[device],
                linkRate: linkRate
            )
        }
    }

    private func times(_ stream: SimulationRandom) -> [Double] {
        var random = stream
        var times: [Double] = []
        var time = 0.0
        while true {
            let current = surge.map { $0.span.contains(time) ? rate * $0.factor : rate } ?? rate
            time -= log(1 - Double.random(in: 0..<1, using: &random)) / max(current, 1e-9)
            guard time < duration else { return times }
            times.append(time)
        }
    }

    private func efficiencies(_ stream: SimulationRandom) -> [Double?] {
        var random = stream
        return (0..<max(devices, 1)).map { _ in
            switch links {
            case .untold: nil
            case .uniform(let range): .random(in: range, using: &random)
            case .cell(let cell): cell.efficiency(&random)
            }
        }
    }
}

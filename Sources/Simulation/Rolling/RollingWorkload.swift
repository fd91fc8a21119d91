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
    /// Each device's spectral efficiency in bit/s/Hz, uniform; nil where devices do not tell.
    public var efficiency: ClosedRange<Double>? = 2...8
    /// What each device's link carries at best, in bit/s.
    public var linkRate = 1e9
    /// A span in which more requests come; nil for none.
    public var surge: Surge?

    /// Makes a workload of the defaults.
    public init() {}

    /// Draws the requests for `models` models, which are asked for in an order of popularity of its own.
    public func arrivals(models: Int, seed: UInt64) -> [RollingArrival] {
        let base = SimulationRandom(seed: seed)
        var (times, picks, sizes) = (base.stream(1), base.stream(2), base.stream(3))
        let cumulative = cumulativePopularity(models)
        var links = base.stream(4)
        let order = Array(0..<models).shuffled(using: &links)
        let efficiencies = (0..<max(devices, 1)).map { _ in efficiency.map { Double.random(in: $0, using: &links) } }
        var arrivals: [RollingArrival] = []
        arrivals.reserveCapacity(Int(rate * duration * 1.1))
        var time = 0.0
        while true {
            let current = surge.map { $0.span.contains(time) ? rate * $0.factor : rate } ?? rate
            time -= log(1 - Double.random(in: 0..<1, using: &times)) / current
            guard time < duration else { return arrivals }
            let device = Int.random(in: 0..<max(devices, 1), using: &picks)
            let model = order[Self.draw(cumulative, &picks)]
            arrivals.append(
                RollingArrival(
                    time: time,
                    model: model,
                    bytes: .random(in: bytes, using: &sizes),
                    timeout: .random(in: timeout, using: &sizes),
                    device: device,
                    efficiency: efficiencies[device],
                    linkRate: linkRate
                )
            )
        }
    }

    private func cumulativePopularity(_ models: Int) -> [Double] {
        var sum = 0.0
        return (1...max(models, 1)).map { rank in
            sum += pow(Double(rank), -zipfExponent)
            return sum
        }
    }

    private static func draw(_ cumulative: [Double], _ random: inout SimulationRandom) -> Int {
        let point = Double.random(in: 0..<(cumulative.last ?? 1), using: &random)
        var (low, high) = (0, cumulative.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

private import Foundation

/// What a made trace is made from.
public struct TraceSpecification: Hashable, Sendable {
    /// How arrivals are spread.
    public var arrivals: ArrivalProcess
    /// Arrivals a second, on average.
    public var rate: Double
    /// Seconds the trace lasts.
    public var duration: Double
    /// The models, the one asked for most first.
    public var models: [String]
    /// How unevenly they are asked for: 0 all alike, 1 the second half as often as the first.
    public var zipfExponent: Double
    /// How many devices there are.
    public var devices: Int
    /// Each request's timeout, in milliseconds.
    public var timeout: ClosedRange<Double>
    /// Each request's body; nil for what its model's inputs take.
    public var bodyBytes: Int?
    /// Each device's spectral efficiency; nil where devices say nothing of their links.
    public var spectralEfficiency: ClosedRange<Double>?
    /// Each device's link rate, drawn so that its logarithm is uniform; nil for links without a limit.
    public var linkRate: ClosedRange<Double>?
    /// Where all lots are drawn from.
    public var seed: UInt64

    /// Makes a specification.
    public init(arrivals: ArrivalProcess, rate: Double, duration: Double, models: [String], seed: UInt64) {
        self.arrivals = arrivals
        self.rate = rate
        self.duration = duration
        self.models = models
        self.seed = seed
        zipfExponent = 0
        devices = 100
        timeout = 1000...1000
    }

    /// A device's link.
    private struct Link {
        var efficiency: Double?
        var rate: Double?
    }

    /// Draws the trace: equal specifications give equal traces.
    public func make() -> Trace {
        var random = SplitMix64(seed: seed)
        let times = arrivals.arrivals(rate: rate, duration: duration, using: &random)
        let zipf = ZipfDistribution(count: models.count, exponent: zipfExponent)
        let links = (0..<max(devices, 1)).map { _ in link(&random) }
        return Trace(
            times.map { time in
                let device = Int(random.next(upperBound: UInt64(links.count)))
                return TraceRequest(
                    arrival: (time * 1e6).rounded(.down) / 1e6,
                    model: models[zipf.draw(using: &random)],
                    device: "d\(device)",
                    timeout: max(1, Int(random.uniform(timeout))),
                    bodyBytes: bodyBytes,
                    spectralEfficiency: links[device].efficiency,
                    linkRate: links[device].rate
                )
            }
        )
    }

    private func link(_ random: inout SplitMix64) -> Link {
        var link = Link()
        if let spectralEfficiency { link.efficiency = (random.uniform(spectralEfficiency) * 100).rounded() / 100 }
        if let linkRate {
            link.rate = exp(random.uniform(log(linkRate.lowerBound)...log(linkRate.upperBound))).rounded()
        }
        return link
    }
}

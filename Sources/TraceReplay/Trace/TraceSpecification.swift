private import Foundation
public import ServingCore

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
    /// What each device's link carries for each bit/s/Hz it tells, which sets its link rate; nil: `linkRate` does.
    public var linkBandwidth: Hertz?
    /// The part of the devices whose links carry less than they claim.
    public var overstatingPart: Double
    /// What part of its claimed link such a device has.
    public var overstatedLink: Double
    /// After how many seconds the models change places: what was asked for most is then asked for least; nil: never.
    public var shiftSeconds: Double?
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
        overstatingPart = 0
        overstatedLink = 0.5
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
        let links = links(&random)
        return Trace(
            times.map { time in
                let device = Int(random.next(upperBound: UInt64(links.count)))
                return TraceRequest(
                    arrival: (time * 1e6).rounded(.down) / 1e6,
                    model: models[(zipf.draw(using: &random) + shift(at: time)) % models.count],
                    device: "d\(device)",
                    timeout: max(1, Int(random.uniform(timeout))),
                    bodyBytes: bodyBytes,
                    spectralEfficiency: links[device].efficiency,
                    linkRate: links[device].rate
                )
            }
        )
    }

    /// By how many places the models have moved: each time by a third of them, so that a third of the traffic's models
    /// and the order of all change at once.
    private func shift(at time: Double) -> Int {
        guard let shiftSeconds, shiftSeconds > 0 else { return 0 }
        let count = max(models.count, 1)
        return (Int(min(time / shiftSeconds, 1e9)) % count) * max(count / 3, 1) % count
    }

    private func links(_ random: inout SplitMix64) -> [Link] {
        let count = max(devices, 1)
        let overstating = overstatingPart > 0 ? Int((overstatingPart * Double(count)).rounded()) : 0
        return (0..<count).map { device in
            var link = link(&random)
            if let linkBandwidth, let efficiency = link.efficiency {
                link.rate = (linkBandwidth.rawValue * efficiency).rounded()
            }
            // Devices are drawn alike, so it does not matter which of them it is.
            if device < overstating { link.rate = link.rate.map { ($0 * overstatedLink).rounded() } }
            return link
        }
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

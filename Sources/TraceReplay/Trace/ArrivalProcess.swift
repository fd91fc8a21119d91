private import Foundation
import ServingCore

/// How arrivals are spread over time; each kind has the same mean rate.
public enum ArrivalProcess: Hashable, Sendable {
    /// Independent arrivals at a constant rate.
    case poisson
    /// Bursts: a Poisson process whose rate changes between two values at random moments (a Markov-modulated Poisson
    /// process with two states). A burst has `factor` times the rate of the calm; both last `meanSeconds` on average.
    case bursty(factor: Double, meanSeconds: Double)
    /// A day: a Poisson process whose rate follows one sine wave in `periodSeconds`, from `1 - depth` to `1 + depth`
    /// times the mean.
    case diurnal(depth: Double, periodSeconds: Double)

    /// The arrivals in `0..<duration` seconds at `rate` a second on average, in order.
    func arrivals(rate: Double, duration: Double, using random: inout SplitMix64) -> [Double] {
        switch self {
        case .poisson:
            Self.thinned(rate: rate, duration: duration, using: &random) { _ in 1 }
        case .bursty(let factor, let meanSeconds):
            Self.bursts(factor, meanSeconds, rate: rate, duration: duration, using: &random)
        case .diurnal(let depth, let period):
            Self.thinned(rate: rate * (1 + depth), duration: duration, using: &random) { time in
                // Starts at the least rate.
                (1 - depth * cos(2 * .pi * time / period)) / (1 + depth)
            }
        }
    }

    /// A Poisson process of `rate`, of which each arrival is kept with a probability (Lewis and Shedler 1979).
    private static func thinned(
        rate: Double,
        duration: Double,
        using random: inout SplitMix64,
        keep: (Double) -> Double
    ) -> [Double] {
        var arrivals: [Double] = []
        var time = exponential(rate, &random)
        while time < duration {
            let chance = keep(time)
            if chance >= 1 || random.unit() < chance { arrivals.append(time) }
            time += exponential(rate, &random)
        }
        return arrivals
    }

    private static func bursts(
        _ factor: Double,
        _ meanSeconds: Double,
        rate: Double,
        duration: Double,
        using random: inout SplitMix64
    ) -> [Double] {
        let calm = 2 * rate / (1 + factor)
        var arrivals: [Double] = []
        var begin = 0.0
        var isBurst = false
        while begin < duration {
            let end = min(begin + exponential(1 / meanSeconds, &random), duration)
            let now = isBurst ? calm * factor : calm
            // No memory: a state starts afresh.
            var time = begin + exponential(now, &random)
            while time < end {
                arrivals.append(time)
                time += exponential(now, &random)
            }
            begin = end
            isBurst.toggle()
        }
        return arrivals
    }

    private static func exponential(_ rate: Double, _ random: inout SplitMix64) -> Double {
        -log(1 - random.unit()) / rate
    }
}

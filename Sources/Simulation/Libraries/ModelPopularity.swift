import Foundation

/// Which model a request asks for: Zipf's law over the models, whose ranks are drawn by lot.
public struct ModelPopularity: Sendable {
    private let byRank: [Int]
    private let cumulative: [Double]

    /// Ranks `models` models; the one of rank r is asked for in proportion to r to the power `-exponent`.
    public init(models: Int, exponent: Double, random: inout some RandomNumberGenerator) {
        byRank = (0..<models).shuffled(using: &random)
        var sum = 0.0
        cumulative = (0..<models).map { rank in
            sum += pow(Double(rank + 1), -exponent)
            return sum
        }
    }

    /// Draws a model.
    /// - Complexity: O(log models).
    public func model(_ random: inout some RandomNumberGenerator) -> Int {
        let point = Double.random(in: 0..<(cumulative.last ?? 1), using: &random)
        var (low, high) = (0, byRank.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > point { high = middle } else { low = middle + 1 }
        }
        return byRank[low]
    }
}

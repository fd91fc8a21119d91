private import Foundation
import ServingCore

/// Ranks drawn by Zipf's law: rank k is drawn in proportion to `1 / k^exponent`.
struct ZipfDistribution: Sendable {
    /// For each rank, the chance of it or one before it.
    private let cumulative: [Double]

    /// Makes one over `count` ranks; exponent 0 draws all alike.
    init(count: Int, exponent: Double) {
        var sum = 0.0
        let sums = (0..<max(count, 1)).map { rank in
            sum += pow(Double(rank + 1), -exponent)
            return sum
        }
        cumulative = sums.map { $0 / sum }
    }

    /// A rank, from 0. O(log ranks).
    func draw(using random: inout SplitMix64) -> Int {
        let lot = random.unit()
        var (low, high) = (0, cumulative.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > lot { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// The factor on an estimate that so many of the last observations stayed below.
///
/// - Complexity: an observation costs O(w log w) for a window of w.
struct QuantileMargin: Sendable {
    private var ratios: [Double] = []
    private var next = 0
    /// At least 1.15, at most 3.
    private(set) var factor = 1.3

    private static let window = 40
    /// Also what has been exact so far leaves room for what waits on it: an order that changes, a wake that comes late.
    private static let leastFactor = 1.15
    private static let mostFactor = 3.0
    /// With fewer observations the factor of the start counts, too.
    private static let fewest = 5

    /// Takes in that something took `ratio` times what was estimated.
    mutating func observe(ratio: Double, quantile: Double) {
        if ratios.count < Self.window {
            ratios.append(ratio)
        } else {
            ratios[next] = ratio
        }
        next = (next + 1) % Self.window
        guard ratios.count >= Self.fewest else { return }
        let sorted = ratios.sorted()
        let place = min(Int((quantile * Double(sorted.count)).rounded(.up)), sorted.count) - 1
        factor = min(max(sorted[max(place, 0)], Self.leastFactor), Self.mostFactor)
    }
}

/// How fast the machine is against what was measured of single blocks and models: what a slower disk or a core that
/// is gone does to all of them at once, also to those that were not seen since.
struct Pace: Sendable {
    /// The factor on every mean.
    private(set) var factor = 1.0

    /// Takes in that something took `ratio` times its estimate, the pace included; `weight` is over 0 and at most 1.
    mutating func observe(ratio: Double, weight: Double) {
        factor *= 1 + weight * (min(max(ratio, 0.25), 4) - 1)
        factor = min(max(factor, 1e-3), 1e3)
    }
}

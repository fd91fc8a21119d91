/// Student's t distribution.
enum StudentT {
    /// The 97.5 % quantiles of 1 to 30 degrees of freedom (any statistics table, such as NIST's handbook, 1.3.6.7.2).
    private static let quantiles = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
        2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
        2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ]

    /// The quantile that leaves 2.5 % above it, for at least one degree of freedom.
    ///
    /// Beyond the table by the Cornish-Fisher expansion (Abramowitz and Stegun, 26.7.5), right to three digits there.
    static func quantile975(_ freedom: Int) -> Double {
        if freedom <= quantiles.count { return quantiles[max(freedom, 1) - 1] }
        let normal = 1.959_963_985
        let cube = normal * normal * normal
        let first = (cube + normal) / 4
        let second = (5 * cube * normal * normal + 16 * cube + 3 * normal) / 96
        return normal + first / Double(freedom) + second / (Double(freedom) * Double(freedom))
    }
}

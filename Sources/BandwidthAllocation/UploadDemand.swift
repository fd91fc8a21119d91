public import ServingCore

/// What one scheduled request asks of the uplink.
public struct UploadDemand: Hashable, Sendable {
    /// Bits that are still to be sent (D_k of the paper), at least 0.
    public var bits: Double
    /// Bit/s the device sends per hertz (e_k), over 0.
    public var efficiency: SpectralEfficiency
    /// Seconds from now at which its batch starts at the latest (A_n): the upload must be over by then.
    public var latestStart: Double
    /// What its device can use at most, by its link; infinite where that is not known.
    public var maximumShare: Hertz

    /// Makes a demand.
    public init(
        bits: Double,
        efficiency: SpectralEfficiency,
        latestStart: Double,
        maximumShare: Hertz = Hertz(.infinity)
    ) {
        self.bits = bits
        self.efficiency = efficiency
        self.latestStart = latestStart
        self.maximumShare = maximumShare
    }

    /// The least constant share that ends the upload by ``latestStart``: w_k = D_k / (e_k A_n).
    ///
    /// An upload at share w takes D_k / (e_k w) seconds; that is at most A_n exactly when w is at least this.
    /// Infinite where there is something to send and no time left to send it in.
    public var leastShare: Hertz {
        guard bits > 0 else { return Hertz(0) }
        guard latestStart > 0, efficiency.rawValue > 0 else { return Hertz(.infinity) }
        return Hertz(bits / (efficiency.rawValue * latestStart))
    }
}

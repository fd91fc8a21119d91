import Foundation

/// A cell whose users send to the edge server: where they stand, what their signal loses on the way, what their link carries.
///
/// Users are uniform in a ring from ``minimumMeters`` to ``radiusMeters``; the signal loses by distance and walls and fades by
/// Rayleigh's law; Shannon's formula gives the spectral efficiency, up to the best modulation there is. A user's power is spread
/// evenly over ``referenceHertz``, so that the spectral efficiency does not depend on the share of the uplink it gets, as the
/// problem has it. Shadowing and interference of other cells are left out.
public struct RadioCell: Hashable, Sendable {
    /// The cell's radius: half the 500 m between sites of case 1 in 3GPP TR 36.814, table A.2.1.1-1.
    public var radiusMeters = 250.0
    /// No user is nearer: 35 m, TR 36.814, table A.2.1.1-2.
    public var minimumMeters = 35.0
    /// What a device sends with: 23 dBm, TR 36.814, table A.2.1.1-2; power class 3 of TS 36.101.
    public var transmitDBm = 23.0
    /// The gain of the server's antenna, cables counted: 14 dBi, TR 36.814, table A.2.1.1-2.
    public var antennaGainDB = 14.0
    /// What walls take: 20 dB, TR 36.814, table A.2.1.1-1, cases 1 and 3.
    public var penetrationLossDB = 20.0
    /// Thermal noise at 290 K (Boltzmann's constant times temperature), in dBm/Hz.
    public var noiseDBmPerHertz = -174.0
    /// What the receiver adds: 5 dB, TR 36.814, table A.2.1.1-2.
    public var noiseFigureDB = 5.0
    /// The band a device spreads its power over; our choice, the widest carrier of LTE (TS 36.101).
    public var referenceHertz = 20e6
    /// The most a link carries, in bit/s/Hz: 256-QAM at rate 948/1024, TS 38.214, table 5.1.3.1-2.
    public var bestEfficiency = 7.4063

    /// The cell of TR 36.814's case 1.
    public init() {}

    /// What the signal loses over `meters`, walls not counted: TR 36.814, table A.2.1.1-1, macro cell at 2 GHz.
    public func pathLossDB(meters: Double) -> Double {
        128.1 + 37.6 * log10(meters / 1000)
    }

    /// Signal over noise, as a ratio, at `meters` where fading leaves `fading` of the power.
    public func signalToNoise(meters: Double, fading: Double) -> Double {
        let received = transmitDBm + antennaGainDB - penetrationLossDB - pathLossDB(meters: meters)
        let noise = noiseDBmPerHertz + noiseFigureDB + 10 * log10(referenceHertz)
        return pow(10, (received - noise) / 10) * fading
    }

    /// Shannon's spectral efficiency for a ratio of signal to noise, in bit/s/Hz.
    public func efficiency(signalToNoise: Double) -> Double {
        min(log2(1 + signalToNoise), bestEfficiency)
    }

    /// Where a user stands: its distance from the server, in meters.
    public func distance(_ random: inout some RandomNumberGenerator) -> Double {
        let (inner, outer) = (minimumMeters * minimumMeters, radiusMeters * radiusMeters)
        return Double.random(in: inner...outer, using: &random).squareRoot()
    }

    /// What Rayleigh fading leaves of the power: exponential, mean 1.
    public func fading(_ random: inout some RandomNumberGenerator) -> Double {
        -log(1 - Double.random(in: 0..<1, using: &random))
    }

    /// A user's spectral efficiency, in bit/s/Hz.
    public func efficiency(_ random: inout some RandomNumberGenerator) -> Double {
        let meters = distance(&random)
        return efficiency(signalToNoise: signalToNoise(meters: meters, fading: fading(&random)))
    }
}

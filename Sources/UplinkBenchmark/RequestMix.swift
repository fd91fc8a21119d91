import Foundation

/// What sizes and deadlines of the requests on the narrow link are drawn from.
///
/// The first two draw both independently from four values each, the others from ranges. Where nobody could serve half as many
/// again as TCP does, ``OfflineYardstick`` shows it: TCP ends small bodies early whatever else it carries, so the fewer
/// bytes the small ones take, the less there is to win.
enum RequestMix: String, CaseIterable {
    /// Sizes differ by a factor of 15, and bodies of 20 KB are through before any sharing matters.
    case wide
    /// Sizes differ by a factor of 4.
    case narrow
    /// Camera frames of 50 to 250 KB that are wanted within 0.2 to 1 s.
    case frames
    /// Sizes from 50 KB to 2 MB, as many between x and 2x whatever x; each is wanted within 2 to 20 times what the body takes
    /// when it has the link to itself, and 50 ms.
    case proportional

    var name: String {
        switch self {
        case .wide: "wide: 20, 60, 120, 300 KB; 0.4, 0.8, 1.5, 3 s"
        case .narrow: "narrow: 60, 120, 180, 240 KB; 0.5, 1, 1.5, 2 s"
        case .frames: "frames: 50-250 KB; 0.2-1 s"
        case .proportional: "proportional: 50 KB-2 MB; 50 ms and 2-20 times the body alone"
        }
    }

    /// Bytes of one body and the seconds it is wanted in, on a link that carries `bitsPerSecond` of bodies.
    func draw(
        _ bitsPerSecond: Double,
        using random: inout some RandomNumberGenerator
    ) -> (bytes: Double, deadline: Double) {
        switch self {
        case .wide:
            return (Self.one(of: [20e3, 60e3, 120e3, 300e3], &random), Self.one(of: [0.4, 0.8, 1.5, 3], &random))
        case .narrow:
            return (Self.one(of: [60e3, 120e3, 180e3, 240e3], &random), Self.one(of: [0.5, 1, 1.5, 2], &random))
        case .frames:
            return (.random(in: 50e3...250e3, using: &random), .random(in: 0.2...1, using: &random))
        case .proportional:
            let bytes = 50e3 * pow(40, Double.random(in: 0...1, using: &random))
            let alone = bytes * 8 / bitsPerSecond
            return (bytes, 0.05 + alone * 2 * pow(10, Double.random(in: 0...1, using: &random)))
        }
    }

    private static func one(of values: [Double], _ random: inout some RandomNumberGenerator) -> Double {
        values.randomElement(using: &random) ?? 0
    }
}

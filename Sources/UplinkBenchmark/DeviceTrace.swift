import TestSupport

/// Requests of 20 devices: who sends how much when, due when; the same for the same seed.
struct DeviceTrace {
    struct Request {
        var time: Double
        var device: Int
        var rows: Int
        var deadline: Double

        /// Bytes of the tensor.
        var tensorBytes: Int { rows * DeviceTrace.rowBytes }
    }

    static let devices = 20
    /// One row of the model that does nothing: 106 numbers of four bytes.
    static let rowBytes = 424

    /// What sizes and deadlines are drawn from, each as often as the others.
    enum Mix: String, CaseIterable {
        /// Sizes differ by a factor of 15: whoever favours small bodies serves more of them.
        case wide
        /// Sizes differ by a factor of 4.
        case narrow

        var kilobytes: [Int] {
            switch self {
            case .wide: [20, 60, 120, 300]
            case .narrow: [60, 120, 180, 240]
            }
        }

        /// Seconds.
        var deadlines: [Double] {
            switch self {
            case .wide: [0.4, 0.8, 1.5, 3.0]
            case .narrow: [0.5, 1.0, 1.5, 2.0]
            }
        }

        var name: String {
            "\(kilobytes.first ?? 0)-\(kilobytes.last ?? 0) KB, \(deadlines.first ?? 0)-\(deadlines.last ?? 0) s"
        }
    }

    let requests: [Request]

    /// Arrivals at random for `horizon` seconds that together ask for `bitsPerSecond`.
    init(_ mix: Mix, seed: UInt64, bitsPerSecond: Double, horizon: Double) {
        var random = SeededGenerator(seed: seed)
        let meanBits = Double(mix.kilobytes.reduce(0, +)) * 8000 / Double(mix.kilobytes.count)
        let span = horizon * bitsPerSecond / meanBits
        let count = Int(span)
        requests = (0..<count).map { _ in
            Request(
                time: .random(in: 0..<horizon, using: &random),
                device: .random(in: 0..<Self.devices, using: &random),
                rows: (mix.kilobytes.randomElement(using: &random) ?? 20) * 1000 / Self.rowBytes,
                deadline: mix.deadlines.randomElement(using: &random) ?? 1
            )
        }.sorted { $0.time < $1.time }
    }
}

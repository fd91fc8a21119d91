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

    private static let kilobytes = [60, 120, 180, 240]
    private static let deadlines = [0.5, 1.0, 1.5, 2.0]

    let requests: [Request]

    /// Arrivals at random for `horizon` seconds that together ask for `bitsPerSecond`.
    init(seed: UInt64, bitsPerSecond: Double, horizon: Double) {
        var random = SeededGenerator(seed: seed)
        let meanBits = Double(Self.kilobytes.reduce(0, +)) * 8000 / Double(Self.kilobytes.count)
        let span = horizon * bitsPerSecond / meanBits
        let count = Int(span)
        requests = (0..<count).map { _ in
            Request(
                time: .random(in: 0..<horizon, using: &random),
                device: .random(in: 0..<Self.devices, using: &random),
                rows: (Self.kilobytes.randomElement(using: &random) ?? 20) * 1000 / Self.rowBytes,
                deadline: Self.deadlines.randomElement(using: &random) ?? 1
            )
        }.sorted { $0.time < $1.time }
    }
}

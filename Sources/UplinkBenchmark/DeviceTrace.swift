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
    /// The link, in bit/s.
    static let linkRate = 20_000_000
    /// What is left of the link for bodies: 1448 of 1514 bytes of a full packet, less heads, hand-shakes, and what
    /// acknowledges the answers.
    static let bodyRate = 18_600_000.0

    let requests: [Request]

    /// Arrivals at random for `horizon` seconds that together ask for `load` times what fits.
    init(_ mix: RequestMix, seed: UInt64, load: Double, horizon: Double) {
        var random = SeededGenerator(seed: seed)
        var requests: [Request] = []
        var bits = 0.0
        while bits < load * Self.bodyRate * horizon {
            let (bytes, deadline) = mix.draw(Self.bodyRate, using: &random)
            let request = Request(
                time: .random(in: 0..<horizon, using: &random),
                device: .random(in: 0..<Self.devices, using: &random),
                rows: max(Int(bytes) / Self.rowBytes, 1),
                deadline: deadline
            )
            bits += Double(request.tensorBytes) * 8
            requests.append(request)
        }
        self.requests = requests.sorted { $0.time < $1.time }
    }
}

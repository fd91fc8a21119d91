import NIOCore

/// The link of one device: what all its requests send goes over it, piece after piece, at its rate.
final class DeviceLink {
    private let bytesPerSecond: Double
    private var free = NIODeadline.uptimeNanoseconds(0)

    init(bitsPerSecond: Double) {
        bytesPerSecond = bitsPerSecond / 8
    }

    /// How large a piece is: what the link carries in 5 ms, within one segment and 64 KiB.
    var pieceBytes: Int { Int(min(max(bytesPerSecond * 0.005, 1460), 65536)) }

    /// Books the link for a piece; the time at which its last byte has gone over.
    func book(_ bytes: Int, at now: NIODeadline) -> NIODeadline {
        free = max(now, free) + .nanoseconds(Int64(Double(bytes) / bytesPerSecond * 1e9))
        return free
    }
}

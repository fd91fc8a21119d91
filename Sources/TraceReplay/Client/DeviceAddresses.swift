import NIOCore

/// Gives each device an address of its own to send from, where the gateway is on this machine.
///
/// A gateway tells devices apart by their address. Sent from one address, the slow links of some would be taken for those of
/// all. All of 127.0.0.0/8 is this machine's (RFC 1122, 3.2.1.3); elsewhere all devices share the address the system chooses.
struct DeviceAddresses {
    /// So many devices have addresses of their own; the others share the system's choice.
    private static let limit = 65_000

    private let isLocal: Bool
    private var numbers: [String: Int] = [:]

    /// Makes addresses for calls to `gateway`.
    init(to gateway: SocketAddress) {
        isLocal = gateway.ipAddress?.hasPrefix("127.") ?? false
    }

    /// What `device` sends from: 127.1.0.1 for the first, always the same for one device; nil leaves it to the system.
    mutating func address(of device: String) -> SocketAddress? {
        guard isLocal, numbers[device] != nil || numbers.count < Self.limit else { return nil }
        let number = numbers[device] ?? numbers.count + 1
        numbers[device] = number
        return try? SocketAddress(ipAddress: "127.1.\(number >> 8).\(number & 255)", port: 0)
    }
}

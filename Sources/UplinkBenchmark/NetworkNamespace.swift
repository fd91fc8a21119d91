import Foundation

/// A network of its own for the devices, behind one narrow link to this machine: veth and `tc tbf`.
struct NetworkNamespace {
    /// The address the gateway listens on.
    static let gatewayAddress = "10.231.77.1"

    let name: String
    private let inner: String
    private let outer: String

    /// Makes it; needs to be root.
    ///
    /// - Throws: ``BenchmarkFailure`` with what `ip` or `tc` said.
    init(bitsPerSecond: Int, devices: Int, _ guardian: Guardian) throws {
        let number = ProcessInfo.processInfo.processIdentifier
        name = "uplink\(number)"
        (inner, outer) = ("di\(number)", "do\(number)")
        guardian.watch(namespace: name)
        do {
            try Program.output(of: "ip", ["netns", "add", name])
            try Program.output(of: "ip", ["link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name])
            try Program.output(of: "ip", ["address", "add", Self.gatewayAddress + "/24", "dev", outer])
            try Program.output(of: "ip", ["link", "set", outer, "up"])
            for device in 0..<devices {
                try within("ip", ["address", "add", Self.address(of: device) + "/24", "dev", inner])
            }
            try within("ip", ["link", "set", inner, "up"])
            // The queue of a radio link: 100 ms of it.
            let shaping = ["rate", "\(bitsPerSecond)bit", "burst", "16kb", "latency", "100ms"]
            try within("tc", ["qdisc", "add", "dev", inner, "root", "tbf"] + shaping)
        } catch {
            remove()
            throw error
        }
    }

    /// The address of one device.
    static func address(of device: Int) -> String { "10.231.77.\(100 + device)" }

    /// What to start so that a program runs among the devices.
    func command(_ program: String, _ arguments: [String]) -> (program: String, arguments: [String]) {
        ("/usr/bin/env", ["ip", "netns", "exec", name, program] + arguments)
    }

    /// Takes it away.
    func remove() {
        _ = try? Program.output(of: "ip", ["netns", "delete", name])
        _ = try? Program.output(of: "ip", ["link", "delete", outer])
    }

    private func within(_ program: String, _ arguments: [String]) throws {
        try Program.output(of: "ip", ["netns", "exec", name, program] + arguments)
    }
}

import NIOCore
import Testing

@testable import TraceReplay

struct DeviceAddressesTests {
    @Test func `Each device sends to this machine from an address of its own`() throws {
        var addresses = DeviceAddresses(to: try SocketAddress(ipAddress: "127.0.0.1", port: 8080))
        #expect(addresses.address(of: "d1")?.ipAddress == "127.1.0.1")
        #expect(addresses.address(of: "d2")?.ipAddress == "127.1.0.2")
        #expect(addresses.address(of: "d1")?.ipAddress == "127.1.0.1")
    }

    @Test func `Addresses go on after 255 and end at a limit`() throws {
        var addresses = DeviceAddresses(to: try SocketAddress(ipAddress: "127.0.0.1", port: 8080))
        let all = (1...65_001).map { addresses.address(of: "d\($0)")?.ipAddress }
        #expect(all[256 - 1] == "127.1.1.0")
        #expect(Set(all).count == 65_001)
        #expect(all[65_000] == nil && all[64_999] != nil)
    }

    @Test(arguments: ["10.0.0.7", "::1"])
    func `To other machines the system chooses`(host: String) throws {
        var addresses = DeviceAddresses(to: try SocketAddress(ipAddress: host, port: 8080))
        #expect(addresses.address(of: "d1") == nil)
    }
}

import HTTPTransport
import ServingCore
import Testing

@testable import Gateway

/// What the start says of callers that may ask.
struct StartBannerTests {
    private func banner(_ host: String, keys: Int = 0, _ change: (inout GatewayConfiguration) -> Void = { _ in })
        -> StartBanner
    {
        var configuration = GatewayConfiguration()
        configuration.server.host = host
        change(&configuration)
        return StartBanner(configuration, port: 8080, keys: keys)
    }

    @Test(arguments: ["127.0.0.1", "localhost", "::1"])
    func `This machine alone is not open to others`(host: String) {
        #expect(!banner(host).isOpenToOthers)
    }

    @Test func `Without keys and certificates other machines may ask for everything`() {
        #expect(banner("0.0.0.0").isOpenToOthers)
        #expect(banner("::").isOpenToOthers)
        #expect(!banner("0.0.0.0", keys: 1).isOpenToOthers)
        #expect(!banner("0.0.0.0") { ($0.tls.certificate, $0.tls.clientCA) = ("a", "b") }.isOpenToOthers)
    }

    @Test func `The address is one that can be copied`() {
        #expect(banner("::1").url == "http://[::1]:8080")
        #expect(banner("192.0.2.1") { $0.tls.certificate = "a" }.url == "https://192.0.2.1:8080")
    }

    @Test func `The uplink is told as it was configured`() {
        #expect(banner("::1").uplink == "not limited")
        #expect(banner("::1") { $0.uplink.hertz = Hertz(20e6) }.uplink == "20000000.0 Hz")
    }
}

import HTTPTransport
import ServingCore
import Testing

@testable import Gateway

struct UplinkQuotaTests {
    @Test func `a refusal for the uplink tells what it carries as RateLimit fields`() {
        var error = ServingError(.uplinkUnavailable, "too much")
        error.uplinkQuota = UplinkQuota(
            windowBytes: 125_000,
            window: .milliseconds(500),
            freeBytes: 20_000,
            reset: .milliseconds(1200)
        )
        let response = HTTPResponse.problem(error, request: nil, to: nil)
        let fields = Dictionary(uniqueKeysWithValues: response.headers.map { ($0.name, $0.value) })
        #expect(fields["RateLimit-Policy"] == #""uplink";q=125000;qu="content-bytes";w=1"#)
        #expect(fields["RateLimit"] == #""uplink";r=20000;t=2"#)
    }

    @Test func `other refusals say nothing of the uplink`() {
        let response = HTTPResponse.problem(ServingError(.queueFull, "full"), request: nil, to: nil)
        #expect(!response.headers.contains { $0.name.hasPrefix("RateLimit") })
    }
}

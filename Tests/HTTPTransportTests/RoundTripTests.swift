import ServingCore
import TestSupport
import Testing

@testable import HTTPTransport

struct RoundTripTests {
    @Test(arguments: [true, false])
    func `A head knows its connection's round trip where that is measured`(isMeasured: Bool) throws {
        let live = try LiveServer { $0.measuresRoundTrips = isMeasured }
        let client = try live.connect()
        try client.send("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n")
        try #require(live.eventually { live.handler.waiting.count == 1 })
        let roundTrip = try #require(live.handler.waiting.first).head.roundTrip
        #expect(isMeasured ? roundTrip > .zero && roundTrip < .seconds(1) : roundTrip == .zero)
    }
}

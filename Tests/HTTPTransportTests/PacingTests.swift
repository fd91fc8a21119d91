import BandwidthAllocation
import ServingCore
import TestSupport
import Testing

@testable import HTTPTransport

/// Uploads held to a rate. Machines that run tests are busy, so the tolerance is wide; the benchmark measures closely.
@Suite(.serialized)
struct PacingTests {
    /// Uploads `bytes` on `count` connections at once and returns the seconds until the last answer.
    private func upload(_ bytes: Int, on count: Int, to live: LiveServer) throws -> Double {
        let clients = try (0..<count).map { _ in try live.connect() }
        let start = SystemMonotonicClock.now()
        let senders = clients.map { client in
            let client = HandedOver(client)
            return BackgroundThread("test-upload") { Self.upload(bytes, on: client.value) }
        }
        for sender in senders { sender.join() }
        for client in clients { #expect(try client.readResponse().text == "\(bytes)") }
        return start.seconds(to: SystemMonotonicClock.now())
    }

    private static func upload(_ bytes: Int, on client: RawSocket) {
        try? client.send("POST /paced HTTP/1.1\r\nHost: test\r\nContent-Length: \(bytes)\r\n\r\n")
        try? client.send([UInt8](repeating: 5, count: bytes))
    }

    @Test(arguments: [(0.1e6, 1), (2e6, 1), (20e6, 1), (0.5e6, 10)])
    func `An upload takes the time its rate says`(bytesPerSecond: Double, count: Int) throws {
        let live = try LiveServer(rate: BitsPerSecond(bytesPerSecond * 8))
        let seconds = try upload(Int(bytesPerSecond), on: count, to: live)
        #expect(seconds > 0.85 && seconds < 1.5, "took \(seconds) s")
    }

    @Test func `A slow upload never stands still`() throws {
        let live = try LiveServer(rate: BitsPerSecond(200e3))
        // What the kernel's buffer holds costs no time at the end, so only the longest is certain: 2.4 s and what is waited for.
        let seconds = try upload(60_000, on: 1, to: live)
        #expect(seconds < 4, "took \(seconds) s")
    }

    @Test func `A rate can change in the middle`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 300000\r\n\r\n")
        try #require(live.eventually { live.handler.waiting.count == 1 })
        let exchange = try #require(live.handler.waiting.first)
        exchange.setUploadRate(BitsPerSecond(0))
        try client.send([UInt8](repeating: 5, count: 300_000))
        #expect(try !client.hasInput(within: 0.2))
        #expect(exchange.receivedBytes < 300_000)
        exchange.setUploadRate(nil)
        #expect(try client.readResponse(within: 2).text == "300000")
    }

    @Test func `A held upload is held in the client, not in memory here`() throws {
        let live = try LiveServer(rate: BitsPerSecond(8e5))
        let client = try live.connect()
        try client.send("POST /paced HTTP/1.1\r\nHost: test\r\nContent-Length: 50000000\r\n\r\n")
        let sending = HandedOver(client)
        let isSent = Flag()
        let thread = BackgroundThread("test-upload") {
            try? sending.value.send([UInt8](repeating: 5, count: 50_000_000))
            isSent.set()
        }
        #expect(!live.eventually(within: 0.5) { isSent.isSet })
        live.server.stop(grace: .zero)
        thread.join()
    }
}

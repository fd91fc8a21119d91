import ServingCore
import Synchronization
import TestSupport
import Testing

@testable import HTTPTransport

/// Stopping, with everything that can be under way.
struct StoppingTests {
    private let waiting = "POST /never HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\nx"

    @Test func `What waits is answered 503 after the grace`() throws {
        let live = try LiveServer()
        let clients = try (0..<20).map { _ in try live.connect() }
        for client in clients { try client.send(waiting) }
        try #require(live.eventually { live.handler.waiting.count == 20 })
        live.server.stop(grace: .milliseconds(50))
        for client in clients {
            let response = try client.readResponse()
            #expect(response.status == 503)
            #expect(response.text == "draining")
            #expect(response.closes)
            #expect(try client.readToEnd() == "")
        }
        #expect(live.handler.ends.count == 20)
        #expect(live.server.activeExchangeCount == 0)
    }

    @Test func `What is answered within the grace is answered properly`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send(waiting)
        try #require(live.eventually { live.handler.waiting.count == 1 })
        let stopping = BackgroundThread("test-stop") { live.server.stop(grace: .seconds(10)) }
        try #require(live.eventually { live.server.context.isDraining.load(ordering: .relaxed) })
        live.handler.waiting.first?.answer { EchoHandler.text(200, "in time") }
        let response = try client.readResponse()
        #expect(response.text == "in time")
        #expect(response.closes)
        stopping.join()
        #expect(live.handler.ends == [.answered])
    }

    @Test func `Held and stalled uploads are answered 503`() throws {
        let live = try LiveServer(rate: BitsPerSecond(8e3)) { $0.lingerTime = .milliseconds(100) }
        let held = try live.connect()
        try held.send("POST /paced HTTP/1.1\r\nHost: test\r\nContent-Length: 50000\r\n\r\n")
        try held.send([UInt8](repeating: 1, count: 20_000))
        let stalled = try live.connect()
        try stalled.send("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 50000\r\n\r\nabc")
        try #require(live.eventually { live.handler.heads == 2 && live.handler.waiting.first?.receivedBytes == 3 })
        live.server.stop(grace: .zero)
        #expect(try held.readResponse().status == 503)
        #expect(try stalled.readResponse().status == 503)
        #expect(live.handler.ends.count == 2)
    }

    @Test func `A draining server closes connections with its answers`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try !client.readResponse().closes)
        live.server.setDraining()
        try client.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.readResponse().closes)
        #expect(try client.readToEnd() == "")
    }

    @Test func `A server that stopped accepting still serves its connections`() throws {
        let live = try LiveServer()
        let port = live.server.port
        let client = try live.connect()
        try client.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.readResponse().status == 200)
        live.server.stopAccepting()
        #expect(throws: RawSocket.Failure.cannotConnect) { try RawSocket(port: port) }
        try client.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.readResponse().status == 200)
    }

    @Test func `Idle connections are closed`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        // Only an answer shows that the daemon has taken the connection over from the acceptor.
        try client.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.readResponse().status == 200)
        #expect(live.server.openConnectionCount == 1)
        live.server.stop(grace: .seconds(5))
        #expect(try client.readToEnd() == "")
        #expect(live.server.openConnectionCount == 0)
    }

    @Test func `Stopping twice, or before the start, does nothing`() throws {
        let server = HTTPServer(configuration: HTTPServerConfiguration(), handler: EchoHandler())
        server.stop(grace: .seconds(5))
        let live = try LiveServer()
        live.server.stop(grace: .zero)
        live.server.stop(grace: .zero)
    }

    @Test func `Uploads that flow while the server stops are answered 503, not reset`() throws {
        let live = try LiveServer(rate: BitsPerSecond(8e5)) {
            $0.lingerBytes = 8 << 20
            $0.lingerTime = .milliseconds(300)
        }
        let clients = try (0..<5).map { _ in try live.connect() }
        let handedOver = HandedOver(clients)
        let sending = BackgroundThread("test-load") {
            for client in handedOver.value {
                try? client.send("POST /paced HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n")
                try? client.send([UInt8](repeating: 1, count: 200_000))
            }
        }
        try #require(live.eventually { live.handler.heads == 5 })
        sending.join()
        live.server.stop(grace: .zero)
        for client in clients { #expect(try client.readResponse().status == 503) }
    }

    /// Every request that reached the handler gets exactly one end, and every client an answer or the end of its connection.
    @Test(arguments: 0..<8)
    func `Stopping under load loses nothing`(round: Int) throws {
        let live = try LiveServer(rate: BitsPerSecond(8e6)) { $0.lingerTime = .milliseconds(100) }
        let paths = ["/later", "/echo", "/paced", "/never", "/upload", "/refuse", "/now"]
        let clients = try (0..<70).map { _ in try live.connect() }
        let handedOver = HandedOver(clients)
        let sending = BackgroundThread("test-load") {
            for (number, client) in zip(0..., handedOver.value) {
                let head = "POST \(paths[number % paths.count]) HTTP/1.1\r\nHost: test\r\nContent-Length: 20000\r\n\r\n"
                try? client.send(head)
                try? client.send([UInt8](repeating: 1, count: number % 5 == 0 ? 700 : 20_000))
            }
        }
        _ = live.eventually { live.handler.heads >= round * 10 }
        live.server.stop(grace: .milliseconds(round * 5))
        sending.join()
        for client in clients { _ = try client.readToEnd() }
        #expect(live.handler.ends.count == live.handler.heads)
        #expect(live.server.activeExchangeCount == 0)
        #expect(live.server.openConnectionCount == 0)
    }
}

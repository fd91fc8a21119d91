import ServingCore
import TestSupport
import Testing

@testable import HTTPTransport

/// What holds of bodies on plain HTTP holds over TLS: verdicts at the head, rates, answers in the middle.
@Suite(.serialized)
struct TLSBodyTests {
    private func post(_ path: String, _ length: Int, _ extra: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: test\r\n\(extra)Content-Length: \(length)\r\n\r\n"
    }

    @Test(arguments: [0, 1, 15_999, 3_000_000], ["/echo", "/later", "/pieces"])
    func `A body comes whole and goes back whole`(length: Int, path: String) throws {
        let server = try LiveTLSServer()
        let client = try server.connect()
        let body = [UInt8]((0..<length).map { UInt8($0 % 64 + 48) })
        try client.send(post(path, length, "Connection: close\r\n"))
        try client.send(body)
        let answer = try client.read()
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix(String(decoding: body, as: UTF8.self)))
    }

    @Test func `A refused client that expects 100-continue sends no body and gets no 100`() throws {
        let server = try LiveTLSServer()
        let client = try server.connect()
        try client.send(post("/refuse", 1 << 20, "Expect: 100-continue\r\n"))
        let answer = try client.read()
        #expect(answer.hasPrefix("HTTP/1.1 429") && answer.hasSuffix("later"))
        #expect(server.handler.bodies.isEmpty)
    }

    @Test func `An admitted client that expects 100-continue gets one`() throws {
        let server = try LiveTLSServer()
        let client = try server.connect()
        try client.send(post("/echo", 5, "Expect: 100-continue\r\n"))
        #expect(try client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100"))
        try client.send("hello")
        #expect(try client.read(until: "hello").hasPrefix("HTTP/1.1 200"))
    }

    @Test(arguments: [1000, 300_000, 900_000])
    func `A refused client that sends its whole body first still reads the refusal`(length: Int) throws {
        let server = try LiveTLSServer()
        let client = try server.connect()
        try client.send(post("/refuse", length))
        try client.send([UInt8](repeating: 7, count: length))
        #expect(try client.read().hasPrefix("HTTP/1.1 429"))
    }

    @Test(arguments: [0.1e6, 2e6, 20e6])
    func `An upload takes the time its rate says`(bytesPerSecond: Double) throws {
        let server = try LiveTLSServer(rate: BitsPerSecond(bytesPerSecond * 8))
        let client = try server.connect()
        let start = SystemMonotonicClock.now()
        let length = Int(bytesPerSecond)
        try client.send(post("/paced", length))
        try client.send([UInt8](repeating: 5, count: length))
        #expect(try client.read(until: "\(length)").hasPrefix("HTTP/1.1 200"))
        let seconds = start.seconds(to: SystemMonotonicClock.now())
        // What lies in the kernel's buffer at the end, twice what was asked for at most, is taken at once.
        let held = 1 - Double(2 * HTTPServerConfiguration().receiveBufferBytes) / bytesPerSecond
        #expect(seconds > 0.85 * held && seconds < 1.5, "took \(seconds) s")
    }

    @Test func `A held upload is held in the client, not in memory here`() throws {
        let server = try LiveTLSServer(rate: BitsPerSecond(8e5))
        let client = try server.connect()
        try client.send(post("/paced", 50_000_000))
        let sent = client.sendUntilHeld([UInt8](repeating: 5, count: 50_000_000))
        // The kernel's buffers of both sides, and what flows meanwhile.
        #expect(sent < 8_000_000, "\(sent) bytes went out")
    }

    @Test func `A body that does not come is answered 408`() throws {
        let server = try LiveTLSServer { $0.bodyGrace = .milliseconds(200) }
        let client = try server.connect()
        try client.send(post("/echo", 1000) + "abc")
        let answer = try client.read()
        #expect(answer.hasPrefix("HTTP/1.1 408") && answer.hasSuffix("request_timeout"))
        #expect(server.live.eventually { server.handler.ends == [.answered] })
        #expect(server.live.eventually { server.live.server.openConnectionCount == 0 })
    }

    @Test(arguments: [0, 100_000, 400_000])
    func `A body can be answered in its middle, by another thread`(more: Int) throws {
        let server = try LiveTLSServer()
        let client = try server.connect()
        try client.send(post("/upload", 1_000_000))
        try client.send([UInt8](repeating: 5, count: 100_000))
        try #require(server.live.eventually { server.handler.waiting.first?.receivedBytes == 100_000 })
        let exchange = try #require(server.handler.waiting.first)
        #expect(exchange.answer { EchoHandler.text(503, "enough") })
        if more > 0 { try client.send([UInt8](repeating: 5, count: more)) }
        let answer = try client.read()
        #expect(answer.hasPrefix("HTTP/1.1 503") && answer.hasSuffix("enough"))
        #expect(server.live.eventually { server.handler.ends == [.answered] })
    }

    @Test func `A client that leaves while it waits ends its exchange`() throws {
        let server = try LiveTLSServer { $0.abortsOnHalfClose = true }
        var client: TLSSocket? = try server.connect()
        try client?.send(post("/never", 3) + "abc")
        try #require(server.live.eventually { server.handler.waiting.count == 1 })
        client = nil
        #expect(server.live.eventually { server.handler.ends == [.aborted] })
    }

    @Test func `A client that leaves in the middle of its body ends its exchange`() throws {
        let server = try LiveTLSServer()
        var client: TLSSocket? = try server.connect()
        try client?.send(post("/upload", 100_000) + "abc")
        try #require(server.live.eventually { server.handler.waiting.first?.receivedBytes == 3 })
        client = nil
        #expect(server.live.eventually { server.handler.ends == [.aborted] })
    }

    @Test func `A stop answers what waits`() throws {
        let server = try LiveTLSServer()
        let waiting = try server.connect()
        let sending = try server.connect()
        try waiting.send(post("/never", 3) + "abc")
        try sending.send(post("/upload", 100) + "abc")
        try #require(server.live.eventually { server.handler.waiting.count == 2 })
        server.live.server.stop(grace: .zero)
        #expect(try waiting.read().hasSuffix("draining"))
        #expect(try sending.read().hasSuffix("draining"))
    }
}

import ServingCore
import TestSupport
import Testing

@testable import HTTPTransport

/// The ordinary ways of a request, over live sockets.
struct HTTPServerTests {
    private func request(_ method: String, _ path: String, body: String = "", extra: String = "") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: test\r\n\(extra)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func `One connection carries many requests`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        for number in 0..<5 {
            try client.send("GET /now?n=\(number) HTTP/1.1\r\nHost: test\r\n\r\n")
            let now = try client.readResponse()
            #expect(now.status == 200)
            #expect(now.text == "GET n=\(number) -1")
            #expect(!now.closes)
            try client.send(request("POST", "/echo", body: "body \(number)"))
            #expect(try client.readResponse().text == "body \(number)")
        }
        #expect(live.eventually { live.handler.ends.count == 10 })
        #expect(live.handler.ends.allSatisfy { $0 == .answered })
        #expect(live.server.activeExchangeCount == 0)
    }

    @Test func `Requests written at once are answered in order`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        let requests = (0..<50).map { request("POST", $0 % 3 == 0 ? "/later" : "/echo", body: "number \($0)") }
        try client.send(requests.joined())
        for number in 0..<50 {
            #expect(try client.readResponse().text == "number \(number)")
        }
    }

    @Test func `A body arrives whole however it is cut`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        let body = String((0..<200_000).map { Character(UnicodeScalar(UInt8(97 + $0 % 26))) })
        try client.send(request("POST", "/echo", body: body))
        #expect(try client.readResponse().text == body)
        for byte in request("POST", "/echo", body: "slow").utf8 { try client.send([byte]) }
        #expect(try client.readResponse().text == "slow")
    }

    @Test func `An answer in pieces is sent as one body`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        for body in ["first,second", String(repeating: "first,second", count: 10_000)] {
            try client.send(request("POST", "/pieces", body: body))
            let response = try client.readResponse()
            #expect(response.text == body)
            #expect(response.header("X-Piece") == "2")
        }
    }

    @Test func `HEAD gets the length without the body`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send("HEAD /now HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.readResponse(hasBody: false).header("Content-Length") == "9")
        try client.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.readResponse().text == "GET - -1")
    }

    @Test func `A POST without a length has no body`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send("POST /now HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.readResponse().text == "POST - -1")
        try client.send("POST /echo HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.readResponse().text == "")
    }

    @Test func `HTTP 1.0 is answered and closed`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send("GET /now HTTP/1.0\r\n\r\n")
        #expect(try client.readResponse().text == "GET - -1")
        #expect(try client.readToEnd() == "")
    }

    @Test func `Answers may come later from another thread`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        for number in 0..<20 {
            try client.send(request("POST", "/later", body: "\(number)"))
            #expect(try client.readResponse().text == "\(number)")
        }
    }

    @Test func `A hundred exchanges wait at once`() throws {
        let live = try LiveServer()
        let clients = try (0..<100).map { _ in try live.connect() }
        for client in clients { try client.send(request("POST", "/never", body: "x")) }
        try #require(live.eventually { live.handler.waiting.count == 100 })
        #expect(live.server.activeExchangeCount == 100)
        for exchange in live.handler.waiting.reversed() {
            #expect(exchange.answer { EchoHandler.text(200, "done") })
            #expect(!exchange.answer { EchoHandler.text(500, "twice") })
        }
        for client in clients { #expect(try client.readResponse().text == "done") }
        #expect(live.eventually { live.server.activeExchangeCount == 0 })
    }

    @Test func `An address in use is an error with its reason`() throws {
        let live = try LiveServer()
        var configuration = HTTPServerConfiguration()
        configuration.port = live.server.port
        let second = HTTPServer(configuration: configuration, handler: EchoHandler())
        #expect(throws: HTTPServerError.self) { try second.start() }
    }

    @Test func `IPv6 hosts are listened on`() throws {
        let live = try LiveServer { $0.host = "::1" }
        #expect(live.server.port > 0)
    }
}

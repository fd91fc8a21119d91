import ServingCore
import TestSupport
import Testing

@testable import HTTPTransport

/// Answers that go out before the body is there.
struct EarlyAnswerTests {
    private func post(_ path: String, length: Int, extra: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: test\r\n\(extra)Content-Length: \(length)\r\n\r\n"
    }

    @Test func `A refused client that expects 100-continue sends no body and gets no 100`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send(post("/refuse", length: 1 << 20, extra: "Expect: 100-continue\r\n"))
        let response = try client.readResponse()
        #expect(response.status == 429)
        #expect(response.closes)
        #expect(try client.readToEnd() == "")
        #expect(live.handler.bodies.isEmpty)
    }

    @Test func `An admitted client that expects 100-continue gets one`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send(post("/echo", length: 5, extra: "Expect: 100-continue\r\n"))
        #expect(try client.readResponse().status == 100)
        try client.send("hello")
        let response = try client.readResponse()
        #expect(response.status == 200)
        #expect(response.text == "hello")
        #expect(!response.closes)
    }

    @Test(arguments: [1000, 300_000, 900_000])
    func `A refused client that sends its whole body first still reads the refusal`(length: Int) throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send(post("/refuse", length: length))
        try client.send([UInt8](repeating: 7, count: length))
        let response = try client.readResponse()
        #expect(response.status == 429)
        #expect(response.closes)
        #expect(try client.readToEnd() == "")
    }

    @Test func `A body that is sent despite its refusal is read up to the limits only`() throws {
        let live = try LiveServer {
            $0.lingerTime = .milliseconds(200)
            $0.lingerBytes = 64 << 10
        }
        let client = try live.connect()
        try client.send(post("/refuse", length: 32 << 20))
        #expect(throws: RawSocket.Failure.cannotSend) {
            for _ in 0..<512 { try client.send([UInt8](repeating: 7, count: 64 << 10)) }
        }
    }

    @Test func `An answer given during the head counts as a verdict`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send("GET /gone HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.readResponse().text == "answered at the head")
        try client.send(post("/gone", length: 100))
        let response = try client.readResponse()
        #expect(response.text == "answered at the head")
        #expect(response.closes)
        #expect(live.eventually { live.handler.ends == [.answered, .answered] })
    }

    @Test func `An answer in the middle of a stalled body goes out at once`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send(post("/upload", length: 1000) + "only a part")
        try #require(live.eventually { live.handler.waiting.first?.receivedBytes == 11 })
        #expect(live.handler.waiting.first?.answer { EchoHandler.text(504, "too late") } == true)
        let response = try client.readResponse(within: 1)
        #expect(response.status == 504)
        #expect(response.text == "too late")
        #expect(response.closes)
        #expect(response.header("Date") != nil)
        #expect(live.eventually { live.handler.ends == [.answered] })
        try client.send("the rest comes too late")
        #expect(try client.readToEnd() == "")
    }

    @Test func `An answer in the middle of a flowing body is read by the client`() throws {
        let live = try LiveServer(rate: BitsPerSecond(8e5)) { $0.lingerBytes = 8 << 20 }
        let client = try live.connect()
        try client.send(post("/upload", length: 4 << 20))
        try #require(live.eventually { live.handler.waiting.count == 1 })
        for round in 0..<64 {
            try client.send([UInt8](repeating: 7, count: 32 << 10))
            if round == 8 { live.handler.waiting.first?.answer { EchoHandler.text(504, "too late") } }
        }
        #expect(try client.readResponse().status == 504)
    }

    @Test func `A held body is answered in its middle`() throws {
        let live = try LiveServer(rate: BitsPerSecond(8e3))
        let client = try live.connect()
        try client.send(post("/upload", length: 100_000))
        try #require(live.eventually { live.handler.waiting.count == 1 })
        live.handler.waiting.first?.setUploadRate(BitsPerSecond(8))
        try client.send([UInt8](repeating: 7, count: 100_000))
        live.handler.waiting.first?.answer { EchoHandler.text(504, "too late") }
        #expect(try client.readResponse().status == 504)
        #expect(try client.readToEnd() == "")
        #expect(live.eventually { live.server.openConnectionCount == 0 })
    }

    @Test func `An aborted exchange ends without an answer`() throws {
        let live = try LiveServer()
        for path in ["/never", "/upload"] {
            let client = try live.connect()
            try client.send(post(path, length: 10) + (path == "/never" ? "0123456789" : "0123"))
            try #require(live.eventually { live.handler.waiting.last?.head.path == path })
            live.handler.waiting.last?.abort()
            #expect(try client.readToEnd() == "")
            #expect(live.handler.waiting.last?.answer { EchoHandler.text(200, "") } == false)
        }
        #expect(live.eventually { live.handler.ends == [.aborted, .aborted] })
    }
}

import ServingCore
import TestSupport
import Synchronization
import Testing

@testable import HTTPTransport

/// As many connections as may be, memory that is used up, clients that leave half a head.
struct FullServerTests {
    @Test func `Half a head and an end is closed long before the head's deadline`() throws {
        let live = try LiveServer { $0.headDeadline = .seconds(60) }
        for text in ["", "GET /now HTTP/1.1\r\nHo", "GET /now HTTP/1.1\r\nHost: test\r\n"] {
            let client = try live.connect()
            try client.send(text)
            client.finishSending()
            #expect(try client.readToEnd(within: 5) == "")
        }
        #expect(live.eventually { live.server.openConnectionCount == 0 })
    }

    @Test func `An end that comes long after half a head closes, too`() throws {
        let live = try LiveServer { $0.headDeadline = .seconds(60) }
        let client = try live.connect()
        try client.send("GET /now HTTP/1.1\r\nHo")
        #expect(try !client.hasInput(within: 0.6))
        client.finishSending()
        #expect(try client.readToEnd(within: 5) == "")
    }

    @Test func `A client that sends its request slowly and ends its side is answered`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        #expect(try !client.hasInput(within: 0.6))
        try client.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
        client.finishSending()
        #expect(try client.readResponse().status == 200)
        #expect(try client.readToEnd(within: 5) == "")
    }

    @Test func `Clients that ask for nothing give way to those that do`() throws {
        let live = try LiveServer {
            $0.connectionLimit = 4
            $0.headDeadline = .seconds(60)
        }
        let silent = try (0..<4).map { _ in try live.connect() }
        for client in silent { try client.send("GET /now HTTP/1.1\r\nHo") }
        try #require(live.eventually { live.server.openConnectionCount == 4 })
        #expect(try !silent[3].hasInput(within: 0.6))
        for _ in 0..<3 {
            let client = try live.connect()
            try client.send("GET /now HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            #expect(try client.readResponse().status == 200)
        }
        #expect(live.handler.notices.contains(.connectionEvicted))
        // Which of them was there first depends on the server's threads.
        #expect(live.eventually { silent.contains { (try? $0.hasInput(within: 0)) == true } })
        #expect(live.eventually { live.server.openConnectionCount <= 4 })
    }

    @Test func `Requests under way give way to nobody`() throws {
        let live = try LiveServer { $0.connectionLimit = 2 }
        let held = [try live.connect(), try live.connect()]
        for client in held { try client.send("POST /never HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\nx") }
        try #require(live.eventually { live.handler.waiting.count == 2 })
        #expect(try !held[0].hasInput(within: 0.6))
        let refused = try live.connect()
        #expect(try refused.readResponse().status == 503)
        #expect(try refused.readToEnd() == "")
        #expect(live.handler.notices == [.connectionRefused])
        for exchange in live.handler.waiting { exchange.answer { EchoHandler.text(200, "done") } }
        for client in held { #expect(try client.readResponse().text == "done") }
    }

    @Test func `A body that there is no memory for is answered 503, at once or in its middle`() throws {
        for (limit, length) in [(0, 10), (20_000, 200_000)] {
            let live = try LiveServer()
            live.handler.allowance.withLock { $0 = Allowance(limit: limit) }
            let client = try live.connect()
            try client.send("POST /allowed HTTP/1.1\r\nHost: test\r\nContent-Length: \(length)\r\n\r\n")
            try? client.send([UInt8](repeating: 1, count: length))
            let response = try client.readResponse()
            #expect(response.status == 503)
            #expect(response.closes)
            #expect(live.handler.notices == [.bodyMemoryShort])
            #expect(live.eventually { live.handler.ends == [.answered] })
        }
    }

    @Test func `A body that the system has no memory for is answered 503`() throws {
        let live = try LiveServer { $0.maximumBodyBytes = .max }
        let client = try live.connect()
        // 4 EiB: no system has as much.
        try client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: \(1 << 62)\r\n\r\nx")
        let response = try client.readResponse()
        #expect(response.status == 503)
        #expect(response.text == "memory_unavailable")
    }

    @Test func `An allowance is kept as long as the body's bytes, longer than the exchange`() throws {
        let live = try LiveServer()
        weak var observed: Allowance?
        do {
            let allowance = Allowance(limit: 1000)
            observed = allowance
            live.handler.allowance.withLock { $0 = allowance }
        }
        let client = try live.connect()
        try client.send("POST /allowed HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello")
        #expect(try client.readResponse().text == "5")
        live.handler.allowance.withLock { $0 = nil }
        #expect(live.eventually { live.handler.ends == [.answered] })
        #expect(live.handler.keptBody.withLock { $0?.count } == 5)
        #expect(observed != nil)
        live.handler.keptBody.withLock { $0 = nil }
        #expect(live.eventually { observed == nil })
    }

    @Test func `A hurried stop waits for nothing that is under way, and answers it`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send("POST /never HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\nx")
        try #require(live.eventually { live.handler.waiting.count == 1 })
        let stopping = BackgroundThread("test-stop") { live.server.stop(grace: .seconds(600)) }
        try #require(live.eventually { live.server.context.isDraining.load(ordering: .relaxed) })
        #expect(try !client.hasInput(within: 0.1))
        live.server.hurry()
        #expect(try client.readResponse().status == 503)
        stopping.join()
    }
}

/// Memory for so many bytes.
final class Allowance: BodyAllowance {
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    func covers(_ bytes: Int) -> Bool { bytes <= limit }

    func progressed(to receivedBytes: Int, at now: MonotonicInstant) {}
}

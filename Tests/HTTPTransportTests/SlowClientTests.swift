import ServingCore
import TestSupport
import Testing

@testable import HTTPTransport

/// Clients that are slow, silent or gone.
struct SlowClientTests {
    @Test func `A head that trickles in is cut at its deadline`() throws {
        let live = try LiveServer { $0.headDeadline = .milliseconds(300) }
        let client = try live.connect()
        let start = SystemMonotonicClock.now()
        // A byte every 20 ms would keep a timeout that restarts with every byte from ever ending.
        for byte in "GET /now HTTP/1.1\r\nHost: test\r\nX: \(String(repeating: "x", count: 200))".utf8 {
            guard (try? client.send([byte])) != nil, (try? client.hasInput(within: 0.02)) == false else { break }
        }
        let time = start.seconds(to: SystemMonotonicClock.now())
        #expect(client.isEnded)
        #expect(time > 0.2 && time < 2)
        #expect(live.handler.heads == 0)
    }

    @Test func `A second head that trickles in is cut too`() throws {
        let live = try LiveServer { $0.headDeadline = .milliseconds(300) }
        let client = try live.connect()
        try client.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.readResponse().status == 200)
        try client.send("GET /now HTTP/1.1\r\nHo")
        #expect(try client.readToEnd(within: 3) == "")
    }

    @Test func `A connection without a next request is closed after the idle time`() throws {
        let live = try LiveServer { $0.idleTimeout = .milliseconds(300) }
        let client = try live.connect()
        try client.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.readResponse().status == 200)
        #expect(try !client.hasInput(within: 0.15))
        #expect(try client.readToEnd(within: 3) == "")
        #expect(live.eventually { live.server.openConnectionCount == 0 })
    }

    @Test func `A body that does not come is answered 408`() throws {
        let live = try LiveServer { $0.bodyGrace = .milliseconds(200) }
        let client = try live.connect()
        try client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nabc")
        let response = try client.readResponse(within: 3)
        #expect(response.status == 408)
        #expect(response.text == "request_timeout")
        #expect(response.closes)
    }

    @Test func `A body that keeps the least rate is taken`() throws {
        let live = try LiveServer {
            $0.bodyGrace = .milliseconds(200)
            $0.minimumBodyRate = 100
        }
        let client = try live.connect()
        try client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 200\r\n\r\n")
        for _ in 0..<19 {
            try client.send("0123456789")
            #expect(try !client.hasInput(within: 0.03))
        }
        try client.send("0123456789")
        #expect(try client.readResponse().body.count == 200)
    }

    @Test func `A held body that stalls is cut after the idle time, not before`() throws {
        let live = try LiveServer(rate: BitsPerSecond(8e6)) {
            $0.bodyGrace = .milliseconds(1)
            $0.idleTimeout = .milliseconds(300)
        }
        let client = try live.connect()
        try client.send("POST /paced HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nabc")
        let start = SystemMonotonicClock.now()
        #expect(try client.readResponse(within: 3).status == 408)
        #expect(start.seconds(to: SystemMonotonicClock.now()) > 0.25)
    }

    @Test func `A client that resets while it waits ends its exchange`() throws {
        let live = try LiveServer()
        try {
            let client = try live.connect()
            client.resetOnClose()
            try client.send("POST /never HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\nx")
            try #require(live.eventually { live.handler.waiting.count == 1 })
        }()
        #expect(live.eventually(within: 2) { live.handler.ends == [.aborted] })
        #expect(live.handler.waiting.first?.answer { EchoHandler.text(200, "") } == false)
    }

    @Test func `A client that has only finished sending is still answered`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send("POST /never HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\nx")
        client.finishSending()
        try #require(live.eventually { live.handler.waiting.count == 1 })
        #expect(try !client.hasInput(within: 0.2))
        live.handler.waiting.first?.answer { EchoHandler.text(200, "done") }
        #expect(try client.readResponse().text == "done")
    }

    @Test func `A client that has finished sending counts as gone where that is configured`() throws {
        let live = try LiveServer { $0.abortsOnHalfClose = true }
        let client = try live.connect()
        try client.send("POST /never HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\nx")
        client.finishSending()
        #expect(live.eventually(within: 2) { live.handler.ends == [.aborted] })
    }

    @Test func `A client that goes in the middle of its body ends its exchange`() throws {
        for rate in [nil, BitsPerSecond(8e4)] {
            let live = try LiveServer(rate: rate)
            try {
                let client = try live.connect()
                try client.send("POST /paced HTTP/1.1\r\nHost: test\r\nContent-Length: 5000\r\n\r\n")
                try client.send([UInt8](repeating: 1, count: 2000))
            }()
            #expect(live.eventually(within: 3) { live.handler.ends == [.aborted] })
        }
    }

    @Test func `A client that resets between two slow pieces is noticed long before they are read`() throws {
        // What it sent fills the kernel's buffer for seconds at this rate; each wait is shorter than the reaper's tick twice.
        let live = try LiveServer(rate: BitsPerSecond(40e3 * 8))
        let client = try live.connect()
        try client.send("POST /paced HTTP/1.1\r\nHost: test\r\nContent-Length: 5000000\r\n\r\n")
        try client.send([UInt8](repeating: 1, count: 200_000))
        try #require(live.eventually { live.server.activeExchangeCount == 1 })
        #expect(try !client.hasInput(within: 0.2))
        client.reset()
        #expect(live.eventually(within: 1) { live.handler.ends == [.aborted] })
    }

    @Test func `Progress tells a held upload from one whose device is slow`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 300000\r\n\r\n")
        try #require(live.eventually { live.handler.waiting.count == 1 })
        let exchange = try #require(live.handler.waiting.first)
        try client.send([UInt8](repeating: 5, count: 1000))
        try #require(live.eventually { exchange.uploadProgress.receivedBytes == 1000 })
        #expect(exchange.uploadProgress.held == .zero)
        exchange.setUploadRate(BitsPerSecond(8))
        try client.send([UInt8](repeating: 5, count: 10_000))
        try #require(live.eventually { exchange.uploadProgress.held > .milliseconds(100) })
        #expect(exchange.uploadProgress.receivedBytes <= 1001)
        #expect(exchange.uploadProgress.rate == BitsPerSecond(8))
    }

    @Test func `A client that leaves with its request is noticed after the answer`() throws {
        let live = try LiveServer()
        let client = try live.connect()
        try client.send("GET /now HTTP/1.1\r\nHost: test\r\n\r\n")
        client.finishSending()
        #expect(try client.readResponse().status == 200)
        #expect(try client.readToEnd(within: 3) == "")
    }

    @Test func `A client that never reads its answer is cut`() throws {
        let live = try LiveServer {
            $0.answerStallTime = .milliseconds(300)
            $0.maximumBodyBytes = 64 << 20
        }
        let client = try RawSocket(port: live.server.port, receiveBuffer: 4096)
        // At the least rate, this answer would have hours.
        let size = 24 << 20
        try client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: \(size)\r\n\r\n")
        try client.send([UInt8](repeating: 1, count: size))
        #expect(live.eventually { live.handler.ends == [.aborted] })
        #expect(live.handler.notices == [.answerUnread])
    }
}

import Foundation
import ServingCore
import TestSupport
import Testing
import TransportSecurity

@testable import HTTPTransport

/// Handshakes: what is agreed on, what is refused, and how long one may take.
@Suite(.serialized)
struct TLSHandshakeTests {
    private let get = "GET /now HTTP/1.1\r\nHost: test\r\n\r\n"

    @Test(arguments: ["NORMAL:-VERS-ALL:+VERS-TLS1.3", "NORMAL:-VERS-ALL:+VERS-TLS1.2"])
    func `Requests are answered over TLS 1.2 and 1.3, several on one connection`(priorities: String) throws {
        let server = try LiveTLSServer()
        let client = try TLSSocket(port: server.port, priorities: priorities)
        for _ in 0..<3 {
            try client.send(get)
            #expect(try client.read(until: "GET - -1").hasPrefix("HTTP/1.1 200"))
        }
        #expect(server.handler.heads == 3)
    }

    @Test func `A target may name the scheme and the host`() throws {
        let server = try LiveTLSServer()
        let client = try server.connect()
        try client.send("GET https://test/now HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.read(until: "GET - -1").hasPrefix("HTTP/1.1 200"))
    }

    @Test(arguments: ["NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA"])
    func `Older versions and keys without secrecy are refused`(priorities: String) throws {
        let server = try LiveTLSServer()
        #expect(throws: TestCertificate.Failure.self) {
            try TLSSocket(port: server.port, priorities: priorities)
        }
        #expect(server.live.eventually { server.handler.notices == [.handshakeFailed] })
    }

    @Test func `HTTP 1 is agreed on, and a client that speaks nothing of the kind is refused`() throws {
        let server = try LiveTLSServer()
        #expect(try TLSSocket(port: server.port, protocols: ["http/1.1"]).agreedProtocol == "http/1.1")
        #expect(try TLSSocket(port: server.port).agreedProtocol == nil)
        #expect(throws: TestCertificate.Failure.self) { try TLSSocket(port: server.port, protocols: ["h2"]) }
    }

    @Test func `Plain HTTP is told so in its own words, and the connection ends`() throws {
        let server = try LiveTLSServer()
        let client = try RawSocket(port: server.port)
        try client.send(get)
        let answer = try client.readToEnd(within: 2)
        #expect(answer.hasPrefix("HTTP/1.1 400"))
        #expect(server.handler.notices == [.plainOnTLS])
        #expect(server.live.eventually { server.live.server.openConnectionCount == 0 })
    }

    @Test func `TLS on a plain server ends at once`() throws {
        let live = try LiveServer()
        #expect(throws: TestCertificate.Failure.self) { try TLSSocket(port: live.server.port) }
        #expect(live.handler.notices == [.tlsOnPlain])
        #expect(live.eventually { live.server.openConnectionCount == 0 })
    }

    @Test func `Plain clients are served whether they speak at once, later or in pieces`() throws {
        let live = try LiveServer()
        let silent = try live.connect()
        let clients = try (0..<20).map { _ in try live.connect() }
        for client in clients { try client.send("G") }
        // Longer than the first byte is waited for.
        #expect(try !silent.hasInput(within: 0.15))
        for client in clients + [silent] {
            try client.send(client === silent ? get : String(get.dropFirst()))
            #expect(try client.readResponse().status == 200)
        }
    }

    @Test func `A handshake that does not go on is cut at the head's deadline, and costs no time until then`() throws {
        let server = try LiveTLSServer { $0.headDeadline = .milliseconds(600) }
        let client = try RawSocket(port: server.port)
        // The first bytes of a record that promises 512.
        try client.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00])
        let (start, before) = (SystemMonotonicClock.now(), clock())
        #expect(try client.readToEnd(within: 3) == "")
        let time = start.seconds(to: SystemMonotonicClock.now())
        let worked = Double(clock() - before) / Double(CLOCKS_PER_SEC)
        #expect(time > 0.5 && time < 2)
        #expect(worked < time / 2, "worked for \(worked) s of \(time) s")
        #expect(server.live.eventually { server.handler.notices == [.handshakeFailed] })
    }

    @Test func `A server stops while handshakes wait`() throws {
        let server = try LiveTLSServer()
        let clients = try (0..<8).map { _ in try RawSocket(port: server.port) }
        for client in clients { try client.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]) }
        #expect(server.live.eventually { server.live.server.openConnectionCount == 8 })
        server.live.server.stop(grace: .zero)
        for client in clients { _ = try client.readToEnd(within: 2) }
        #expect(server.live.server.openConnectionCount == 0)
    }

    @Test func `A handshake takes the newest good pair`() throws {
        let server = try LiveTLSServer()
        let before = try server.connect()
        let next = try TestCertificate("localhost")
        try server.files.write(next)
        #expect(server.identity.reload(at: Int(Date().timeIntervalSince1970)) == .replaced)
        let after = try server.connect()
        #expect(before.serverCertificate != after.serverCertificate)
        // A connection keeps what it began with.
        try before.send(get)
        #expect(try before.read(until: "GET - -1").hasPrefix("HTTP/1.1 200"))
    }

    @Test func `Where an authority is named, only clients it signed are served`() throws {
        let authority = try TestCertificate("devices", for: .authority)
        let server = try LiveTLSServer(authority: authority)
        let camera = try TestCertificate("camera-7", for: .client, signedBy: authority)
        let client = try TLSSocket(port: server.port, certificate: camera)
        try client.send("GET /subject HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.read(until: "CN=").hasSuffix("CN=camera-7"))
        let stranger = try TestCertificate("camera-7", for: .client)
        let wrongUse = try TestCertificate("camera-7", for: .server, signedBy: authority)
        for certificate in [nil, stranger, wrongUse] {
            // TLS 1.3 tells a client only after its own part of the handshake.
            let refused = try? TLSSocket(port: server.port, certificate: certificate)
            try? refused?.send(get)
            #expect((try? refused?.read()) ?? "" == "")
        }
        #expect(server.handler.heads == 1)
        #expect(server.live.eventually { server.handler.notices.count == 3 })
    }
}

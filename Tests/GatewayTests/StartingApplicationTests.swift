import HTTPTransport
import TestSupport
import Testing

@testable import Gateway

struct StartingApplicationTests {
    @Test func `A gateway that starts is alive, not ready, and refuses all else`() throws {
        let application = StartingApplication()
        let server = HTTPServer(configuration: GatewayConfiguration().server.onFreePort, handler: application)
        try server.start()
        defer { server.stop(grace: .zero) }
        #expect(try ask(server, "/v2/health/live").status == 200)
        for path in ["/v2/health/ready", "/v2/models/m/infer", "/metrics", "/nowhere"] {
            let answer = try ask(server, path)
            #expect(answer.status == 503 && answer.body.contains(#""code":"starting""#), "\(path): \(answer.body)")
        }
    }

    @Test func `Once it is opened the application answers`() throws {
        let application = StartingApplication()
        let server = HTTPServer(configuration: GatewayConfiguration().server.onFreePort, handler: application)
        try server.start()
        defer { server.stop(grace: .zero) }
        let store = try FakeStore()
        let gateway = try InProcessGateway(store)
        application.open(GatewayApplication(core: gateway.core))
        #expect(try ask(server, "/v2/health/ready").body.contains("ready"))
        #expect(try ask(server, "/nowhere").status == 404)
    }

    private func ask(_ server: HTTPServer, _ path: String) throws -> (status: Int, body: String) {
        let socket = try RawSocket(port: server.port)
        try socket.send("GET \(path) HTTP/1.1\r\nHost: here\r\n\r\n")
        let response = try socket.readResponse(within: 20)
        return (response.status, response.text)
    }
}

extension HTTPServerConfiguration {
    fileprivate var onFreePort: HTTPServerConfiguration {
        var configuration = self
        configuration.port = 0
        return configuration
    }
}

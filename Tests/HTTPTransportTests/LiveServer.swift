import ServingCore
import TestSupport

@testable import HTTPTransport

/// A server on a free port with an ``EchoHandler``, stopped when a test lets go of it.
final class LiveServer: Sendable {
    let handler: EchoHandler
    let server: HTTPServer

    init(rate: BitsPerSecond? = nil, _ change: (inout HTTPServerConfiguration) -> Void = { _ in }) throws {
        var configuration = HTTPServerConfiguration()
        configuration.port = 0
        change(&configuration)
        handler = EchoHandler(rate: rate)
        server = HTTPServer(configuration: configuration, handler: handler)
        try server.start()
    }

    deinit {
        server.stop(grace: .zero)
    }

    func connect() throws -> RawSocket { try RawSocket(port: server.port) }

    /// Polls `condition` until it holds or `seconds` are over.
    func eventually(within seconds: Double = 5, _ condition: () -> Bool) -> Bool {
        let deadline = SystemMonotonicClock.now().advanced(by: .seconds(seconds))
        let pause = WakeEvent()
        while !condition() {
            guard SystemMonotonicClock.now() < deadline else { return false }
            pause.wait(atMost: .milliseconds(2))
        }
        return true
    }
}

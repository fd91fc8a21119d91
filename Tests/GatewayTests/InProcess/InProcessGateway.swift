import Foundation
import HTTPTransport
import Logging
import ModelServing
import ServingCore
import TestSupport

@testable import Gateway

/// A gateway in the test's own process, with real sockets and an engine that is none.
final class InProcessGateway: Sendable {
    let core: GatewayCore
    private let server: HTTPServer

    init(
        _ store: FakeStore,
        engine: any InferenceEngine = FaultyEngine(),
        keys: [CallerKey] = [],
        _ change: (inout GatewayConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = GatewayConfiguration()
        configuration.server.port = 0
        change(&configuration)
        core = try GatewayCore(
            configuration: configuration,
            callers: CallerDirectory(keys: keys),
            store: store.store,
            engine: engine,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: { SystemMonotonicClock.now() }
        )
        server = HTTPServer(configuration: configuration.server, handler: GatewayApplication(core: core))
        core.startThreads()
        try server.start()
    }

    deinit {
        server.stop(grace: .zero)
        _ = core.stopThreads(atMost: .seconds(10))
    }

    /// Asks and reads the answer.
    func ask(_ method: String, _ path: String, body: String = "", _ fields: String...) throws -> RawSocketResponse {
        try send(method, path, body: body, fields).readResponse(within: 20)
    }

    /// Asks, and leaves the answer for later.
    func send(_ method: String, _ path: String, body: String = "", _ fields: [String] = []) throws -> RawSocket {
        let socket = try RawSocket(port: server.port)
        let lines = ["\(method) \(path) HTTP/1.1", "Host: here", "Content-Length: \(body.utf8.count)"] + fields
        try socket.send((lines + ["", body]).joined(separator: "\r\n"))
        return socket
    }

    /// Has a model run on four bytes, within a minute.
    func infer(_ model: String, _ fields: String...) throws -> RawSocketResponse {
        try sendInference(to: model, fields).readResponse(within: 30)
    }

    /// Has a model run on four bytes, and leaves the answer for later.
    func sendInference(to model: String, _ fields: [String] = []) throws -> RawSocket {
        let fields = fields + ["Inference-Timeout-Ms: 60000"]
        return try send("POST", "/v2/models/\(model)/infer", body: Self.tensor, fields)
    }

    /// Has a model loaded.
    func load(_ model: String, _ fields: String...) throws -> RawSocketResponse {
        try send("POST", "/v2/repository/models/\(model)/load", body: "{}", fields).readResponse(within: 20)
    }

    /// What the index says of each model: `READY`, or `UNAVAILABLE: why`.
    func index() throws -> [String: String] {
        let answer = try ask("POST", "/v2/repository/index", body: "{}")
        let list = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: String]] ?? []
        return Dictionary(
            list.map { entry in
                let reason = entry["reason", default: ""]
                let state = entry["state", default: ""]
                let id = "\(entry["name", default: ""]):\(entry["version", default: ""])"
                return (id, reason.isEmpty ? state : "\(state): \(reason)")
            }
        ) { first, _ in first }
    }

    /// An inference request of four bytes.
    static let tensor = #"{"inputs":[{"name":"x","datatype":"UINT8","shape":[1,4],"data":[1,2,3,4]}]}"#
}

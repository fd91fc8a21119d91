import NIOCore
import NIOHTTP1
import ServingCore

/// What each request of a trace sends: made once for each kind, shared by all.
struct ReplayBodies: Sendable {
    /// A model as a trace names it.
    struct Model: Hashable, Sendable {
        let name: String
        let version: Int?

        init(_ request: TraceRequest) {
            name = request.model
            version = request.version
        }

        /// The path under which it is asked for.
        var path: String { "/v2/models/\(name)" + (version.map { "/versions/\($0)" } ?? "") }
    }

    /// A body, and how much of it is JSON where tensors follow.
    struct Body: Sendable {
        let bytes: ByteBuffer
        let headerBytes: Int?
    }

    private struct Kind: Hashable {
        let model: Model
        let least: Int
        let file: String?

        init(_ request: TraceRequest) {
            model = Model(request)
            least = request.bodyBytes ?? 0
            file = request.bodyFile
        }
    }

    /// For each request of the trace, which body it sends.
    private let places: [Int]
    private let bodies: [Body]

    init(
        _ trace: Trace,
        metadata: [Model: ByteBuffer],
        readFile: (String) throws -> [UInt8]
    ) throws {
        var known: [Kind: Int] = [:]
        var bodies: [Body] = []
        var places: [Int] = []
        for request in trace.requests {
            let kind = Kind(request)
            if let place = known[kind] {
                places.append(place)
                continue
            }
            if let file = kind.file {
                bodies.append(Body(bytes: ByteBuffer(bytes: try readFile(file)), headerBytes: nil))
            } else {
                let seed = UInt64(bodies.count)
                let text = metadata[kind.model] ?? ByteBuffer()
                let inputs = try ModelInputs(metadata: text, least: kind.least, seed: seed)
                bodies.append(Body(bytes: inputs.body, headerBytes: inputs.headerBytes))
            }
            known[kind] = bodies.count - 1
            places.append(bodies.count - 1)
        }
        self.bodies = bodies
        self.places = places
    }

    /// The body of one request, by its place in the trace.
    subscript(index: Int) -> Body { bodies[places[index]] }

    /// Asks the gateway for the metadata of models, one after the other.
    ///
    /// - Throws: `ServingError` naming a model it does not have.
    static func metadata(
        of models: Set<Model>,
        at address: ReplayAddress,
        _ destination: Destination,
        _ options: ReplayOptions,
        on loop: any EventLoop
    ) async throws -> [Model: ByteBuffer] {
        var found: [Model: ByteBuffer] = [:]
        for model in models {
            found[model] = try await loop.flatSubmit { ask(model, at: address, destination, options, on: loop) }.get()
        }
        return found
    }

    private static func ask(
        _ model: Model,
        at address: ReplayAddress,
        _ destination: Destination,
        _ options: ReplayOptions,
        on loop: any EventLoop
    ) -> EventLoopFuture<ByteBuffer> {
        let promise = loop.makePromise(of: ByteBuffer.self)
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: model.path)
        head.headers.add(name: "Host", value: address.authority)
        head.headers.add(name: "Connection", value: "close")
        if let key = options.apiKey { head.headers.add(name: "Authorization", value: "Bearer \(key)") }
        let call = HTTPCall(head: head, body: ByteBuffer()) { end in
            switch end {
            case .answered(200, let body): promise.succeed(body)
            case .answered(let status, _):
                promise.fail(
                    ServingError(.unknownModel, "\(address.authority)\(model.path) answers \(status)", field: "model")
                )
            case .broken(let reason):
                promise.fail(ServingError(.internalError, "\(address.authority): \(reason)"))
            case .abandoned: promise.fail(ServingError(.internalError, "\(address.authority) was given up"))
            }
        }
        ConnectionPool(loop: loop, to: destination).start(call)
        return promise.futureResult
    }
}

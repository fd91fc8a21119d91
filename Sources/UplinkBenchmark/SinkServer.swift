import HTTPTransport
import ServingCore
import Synchronization

/// The transport with a handler that holds each upload to one rate, or lets it run, and never answers.
final class SinkServer: Sendable {
    private let server: HTTPServer
    private let handler: SinkHandler

    init(bytesPerSecond: Double?) throws {
        var configuration = HTTPServerConfiguration()
        configuration.port = 0
        configuration.maximumBodyBytes = 1 << 50
        configuration.idleTimeout = .seconds(600)
        handler = SinkHandler(rate: bytesPerSecond.map { BitsPerSecond($0 * 8) })
        server = HTTPServer(configuration: configuration, handler: handler)
        try server.start()
    }

    /// The port it listens on.
    var port: Int { server.port }

    /// What has arrived on each upload.
    var received: [Int] { handler.state.withLock { $0.uploads.map(\.receivedBytes) } }

    /// When uploads ended without an answer, on the monotonic clock.
    var ends: [Double] { handler.state.withLock { $0.ends } }

    /// Holds all uploads to another rate.
    func setRate(bytesPerSecond: Double) {
        for upload in handler.state.withLock({ $0.uploads }) { upload.setUploadRate(BitsPerSecond(bytesPerSecond * 8)) }
    }

    /// Waits until so many uploads are under way.
    func waitForUploads(_ count: Int) throws {
        let limit = Seconds.now + 30
        while handler.state.withLock({ $0.uploads.count }) < count {
            guard Seconds.now < limit else { throw BenchmarkFailure("the uploads do not begin") }
            Seconds.sleep(until: Seconds.now + 0.01)
        }
    }

    func stop() { server.stop(grace: .zero) }
}

private final class SinkHandler: HTTPRequestHandler {
    struct State {
        var uploads: [HTTPExchange] = []
        var ends: [Double] = []
    }
    let state = Mutex(State())
    let rate: BitsPerSecond?

    init(rate: BitsPerSecond?) { self.rate = rate }

    func receive(head: RequestHead, on exchange: HTTPExchange) -> HeadVerdict {
        exchange.setUploadRate(rate)
        state.withLock { $0.uploads.append(exchange) }
        return .receiveBody
    }

    func receive(body: ByteRegion, on exchange: HTTPExchange) { exchange.abort() }

    func noticed(_ notice: TransportNotice) {}

    func ended(_ exchange: HTTPExchange, _ end: ExchangeEnd) { state.withLock { $0.ends.append(Seconds.now) } }

    func response(to error: ServingError, head: RequestHead?) -> HTTPResponse { HTTPResponse(status: 503) }
}

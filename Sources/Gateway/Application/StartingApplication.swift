internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore
private import Synchronization

/// Answers from the first moment on: while the gateway starts it is alive and not ready; once opened, the application answers.
final class StartingApplication: HTTPRequestHandler {
    /// Set once, and owned from then on: each request reads it.
    private let opened = Atomic<Unmanaged<GatewayApplication>?>(nil)
    private let router = Router()

    private var application: GatewayApplication? { opened.load(ordering: .acquiring)?.takeUnretainedValue() }

    /// Hands all further requests to `application`; to be called once.
    func open(_ application: GatewayApplication) {
        let owned = Unmanaged.passRetained(application)
        if !opened.compareExchange(expected: nil, desired: owned, ordering: .acquiringAndReleasing).exchanged {
            owned.release()
        }
    }

    deinit { opened.load(ordering: .acquiring)?.release() }

    func receive(head: RequestHead, on exchange: HTTPExchange) -> HeadVerdict {
        application?.receive(head: head, on: exchange) ?? .answer(startingAnswer(to: head))
    }

    func receive(body: ByteRegion, on exchange: HTTPExchange) {
        guard let application else { return exchange.abort() }
        application.receive(body: body, on: exchange)
    }

    func ended(_ exchange: HTTPExchange, _ end: ExchangeEnd) { application?.ended(exchange, end) }

    func response(to error: ServingError, head: RequestHead?) -> HTTPResponse {
        application?.response(to: error, head: head) ?? .problem(error, request: nil, to: head)
    }

    func response(to error: ServingError, on exchange: HTTPExchange) -> HTTPResponse {
        application?.response(to: error, on: exchange) ?? .problem(error, request: nil, to: exchange.head)
    }

    func completed(_ response: HTTPResponse, for head: RequestHead) -> HTTPResponse {
        application?.completed(response, for: head) ?? response
    }

    func noticed(_ notice: TransportNotice) { application?.noticed(notice) }

    private func startingAnswer(to head: RequestHead) -> HTTPResponse {
        if case .found(.getHealthLive, _) = router.match(method: head.method, path: head.path) {
            return .json(ServerHealth.live(true))
        }
        return .problem(.starting, request: nil, to: head)
    }
}

extension ServingError {
    /// The refusal of a gateway that is not ready yet.
    static let starting = ServingError(
        .starting,
        "the gateway is starting: it reads its models and measures those it never measured",
        retryAfter: .seconds(1)
    )
}

public import ServingCore

/// What the transport calls for each request.
public protocol HTTPRequestHandler: Sendable {
    /// A head has passed the gate: routes and admits it, or refuses it.
    ///
    /// Runs on the connection's thread and must not block.
    func receive(head: RequestHead, on exchange: HTTPExchange) -> HeadVerdict

    /// All declared bytes of a body are there; also called, with no bytes, for a request without a body.
    ///
    /// Runs on the connection's thread and must not block. Must lead to one call of ``HTTPExchange/answer(_:)``, now or
    /// later, from any thread.
    func receive(body: ByteRegion, on exchange: HTTPExchange)

    /// An exchange that was given to ``receive(head:on:)`` is over; called exactly once for each, on the
    /// connection's thread or, where it was answered in the middle of its body, on the thread that answered.
    func ended(_ exchange: HTTPExchange, _ end: ExchangeEnd)

    /// The answer to an error the transport itself found; `head` is nil where no head could be read.
    func response(to error: ServingError, head: RequestHead?) -> HTTPResponse

    /// The answer to an error the transport found in an exchange that was given to ``receive(head:on:)``, whose end follows.
    func response(to error: ServingError, on exchange: HTTPExchange) -> HTTPResponse

    /// An answer as it goes out: what every answer to `head` carries is added to `response`. Runs on the thread that sends it, and
    /// must not block.
    func completed(_ response: HTTPResponse, for head: RequestHead) -> HTTPResponse

    /// The transport did something by itself; from any of its threads, and must not block.
    func noticed(_ notice: TransportNotice)
}

extension HTTPRequestHandler {
    /// The answer as it is.
    public func completed(_ response: HTTPResponse, for head: RequestHead) -> HTTPResponse { response }

    /// The same answer as before any exchange.
    public func response(to error: ServingError, on exchange: HTTPExchange) -> HTTPResponse {
        response(to: error, head: exchange.head)
    }
}

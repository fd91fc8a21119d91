internal import HTTPTransport
internal import ServingCore

/// One operation of `openapi.yaml`.
protocol Operation: Sendable {
    /// Answers at the head, or asks for the body.
    ///
    /// - Throws: ``ServingError``, which becomes the answer.
    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict

    /// Takes the body that ``begin(_:on:)`` asked for and answers through the exchange, now or later.
    ///
    /// - Throws: ``ServingError``, which becomes the answer.
    func finish(_ request: OperationRequest, body: ByteRegion, on exchange: HTTPExchange) throws(ServingError)

    /// Learns that the exchange is over, whether it was answered or not.
    func ended(_ request: OperationRequest, on exchange: HTTPExchange, _ end: ExchangeEnd)
}

extension Operation {
    func finish(_ request: OperationRequest, body: ByteRegion, on exchange: HTTPExchange) throws(ServingError) {
        throw ServingError(.internalError, "\(request.operationID.rawValue) takes no body")
    }

    func ended(_ request: OperationRequest, on exchange: HTTPExchange, _ end: ExchangeEnd) {}
}

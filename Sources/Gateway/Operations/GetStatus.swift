internal import HTTPTransport
internal import ServingCore

/// `GET /v1/status`: the dashboard's numbers in one document.
struct GetStatus: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        .answer(.json(StatusDocument(core)))
    }
}

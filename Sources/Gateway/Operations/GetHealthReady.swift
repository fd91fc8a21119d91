internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `GET /v2/health/ready`: whether inference requests are taken; 503 while the gateway drains, while a run does not end, and
/// where models are known but not one of them can be served.
struct GetHealthReady: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        try core.checkReady()
        return .answer(.json(ServerHealth.ready(true)))
    }
}

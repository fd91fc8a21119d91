internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `GET /v2/health/live`: whether the process answers at all.
struct GetHealthLive: Operation {
    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        .answer(.json(ServerHealth.live(true)))
    }
}

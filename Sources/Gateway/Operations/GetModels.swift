internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `GET /v2/models`: the names of the models that take requests.
struct GetModels: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        let ready = core.catalog.models.filter(\.state.isReady).map(\.id.name)
        return .answer(.json(ModelList(names: Set(ready).sorted())))
    }
}

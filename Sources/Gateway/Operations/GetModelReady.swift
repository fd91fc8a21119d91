internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `GET /v2/models/{model}/ready`: a model in the catalog is ready, since its blocks are loaded when it is asked for.
struct GetModelReady: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        let model = try core.catalog.find(request.parameters).model
        guard !core.isDraining else { throw .draining }
        return .answer(.json(ModelReadiness(name: model.id.name, isReady: true)))
    }
}

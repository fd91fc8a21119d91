internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `GET /v2/models/{model}`: a model's versions, inputs and outputs.
struct GetModelMetadata: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        let catalog = core.catalog
        let model = try catalog.find(request.parameters).model
        return .answer(.json(ModelMetadata(model: model, versions: catalog.versions(of: model.id.name))))
    }
}

internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `GET /v2/models/{model}/config`: how a model is run, in Triton's words.
struct GetModelConfig: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        let model = try core.catalog.find(request.parameters).model
        let limit = core.configuration.scheduling.maximumBatchRows
        return .answer(.json(ModelConfiguration(model: model, maximumBatchSize: limit)))
    }
}

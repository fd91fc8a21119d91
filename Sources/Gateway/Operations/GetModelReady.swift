internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `GET /v2/models/{model}/ready`: whether requests for the model are taken; its blocks are loaded when it is asked for.
struct GetModelReady: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        let model = try core.catalog.look(for: request.parameters)
        guard !core.isDraining else { throw .draining }
        if let obstacle = model.state.obstacle { throw obstacle }
        return .answer(.json(ModelReadiness(name: model.id.name, isReady: true)))
    }
}

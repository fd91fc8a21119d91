internal import Dispatching
internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `POST /v2/repository/models/{model}/load`: reads the catalog anew, brings the model into memory and keeps it there.
struct PostRepositoryLoad: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        try request.checkControlBody()
        guard !core.isDraining else { throw .draining }
        return .receiveBody
    }

    func finish(_ request: OperationRequest, body: ByteRegion, on exchange: HTTPExchange) throws(ServingError) {
        _ = try RepositoryLoadRequest(body: body)
        try core.reloadCatalog()
        let id = try core.catalog.find(request.parameters).model.id
        core.pinWaiters.wait(for: id) { error in
            exchange.answer { error.map { .problem($0, request: request.id, to: request.head) } ?? .empty }
        }
        core.loop.handle(.pin(id))
    }
}

internal import Dispatching
internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `POST /v2/repository/models/{model}/unload`: the model need not stay in memory; asked for again, it is loaded again.
struct PostRepositoryUnload: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        try request.checkControlBody()
        _ = try core.catalog.look(for: request.parameters)
        return .receiveBody
    }

    func finish(_ request: OperationRequest, body: ByteRegion, on exchange: HTTPExchange) throws(ServingError) {
        _ = try RepositoryUnloadRequest(body: body)
        let id = try core.catalog.look(for: request.parameters).id
        core.pinWaiters.waitForUnpin(of: id) { _ in exchange.answer { .empty } }
        core.loop.handle(.unpin(id))
    }
}

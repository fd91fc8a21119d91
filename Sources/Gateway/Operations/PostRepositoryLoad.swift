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
        core.catalogThread.reload { error in
            do throws(ServingError) {
                if let error { throw error }
                try pin(request, on: exchange)
            } catch {
                exchange.answer { .problem(error, request: request.id, to: request.head) }
            }
        }
    }

    /// Has the model loaded and kept; a model whose load failed before is tried again.
    private func pin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) {
        let model = try core.catalog.look(for: request.parameters)
        if let obstacle = model.state.obstacle, !model.state.isWorthTrying { throw obstacle }
        core.pinWaiters.wait(for: model.id) { error in
            exchange.answer { error.map { .problem($0, request: request.id, to: request.head) } ?? .empty }
        }
        core.loop.handle(.pin(model.id))
    }
}

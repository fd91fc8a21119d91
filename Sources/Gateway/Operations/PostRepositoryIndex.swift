internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `POST /v2/repository/index`: what the catalog holds. A missing body counts as an empty one.
struct PostRepositoryIndex: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        try request.checkControlBody()
        return .receiveBody
    }

    func finish(_ request: OperationRequest, body: ByteRegion, on exchange: HTTPExchange) throws(ServingError) {
        let asked = try RepositoryIndexRequest(body: body)
        let entries = core.catalog.models.map { model in
            RepositoryIndex.Entry(
                name: model.id.name,
                version: model.id.version,
                state: model.state.isReady ? .ready : .unavailable,
                reason: model.state.reason
            )
        }
        exchange.answer { .json(RepositoryIndex(entries: entries).answering(asked)) }
    }
}

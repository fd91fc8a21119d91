internal import Dispatching
internal import HTTPTransport
internal import ServingCore

/// `GET /v1/requests/{id}`: the decision on one inference request, while it is under way and for a while after.
struct GetRequest: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        let text = request.parameters.request ?? ""
        guard let number = UInt64(plainDecimal: text), let entry = core.metrics.journal[RequestID(rawValue: number)],
            core.callers.maySee(requestOf: entry.owner, request)
        else {
            throw ServingError(
                .unknownRequest,
                "there is no inference request '\(text.prefix(32))', or it ended too long ago",
                field: "id"
            )
        }
        return .answer(.json(document(RequestID(rawValue: number), entry)))
    }

    private func document(_ id: RequestID, _ entry: RequestJournal.Entry) -> RequestDocument {
        let snapshot = GatewaySnapshot(core)
        return RequestDocument(
            entry: entry,
            view: snapshot.dispatcher.request(id),
            waiting: WaitingRequest.find(id, in: snapshot),
            now: snapshot.now
        )
    }
}

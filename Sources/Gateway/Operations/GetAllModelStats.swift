internal import HTTPTransport
internal import ModelServing
internal import OpenInferenceProtocol
internal import ServingCore

/// `GET /v2/models/stats`: what was counted for every model.
struct GetAllModelStats: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        let ledger = core.blocks.ledger
        return .answer(.json(ModelStatisticsReport(models: core.catalog.records.map { $0.statistics(in: ledger) })))
    }
}

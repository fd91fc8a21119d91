internal import HTTPTransport
internal import ModelServing
internal import OpenInferenceProtocol
internal import ServingCore

/// `GET /v2/models/{model}/stats`: what was counted for one model; without a version, for all its versions.
struct GetModelStats: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        let catalog = core.catalog
        let record = try catalog.find(request.parameters)
        let records =
            request.parameters.version == nil ? catalog.records.filter { $0.sharesName(with: record) } : [record]
        return .answer(.json(ModelStatisticsReport(models: records.map { $0.statistics(in: core.blocks.ledger) })))
    }
}

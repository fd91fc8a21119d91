internal import HTTPTransport
internal import ServingCore

/// `GET /metrics`: everything that is counted, in Prometheus text format 0.0.4.
struct GetMetrics: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        let text = ByteRegion(copying: core.scrape())
        let type = "text/plain; version=0.0.4; charset=utf-8"
        return .answer(HTTPResponse(status: 200, headers: [("Content-Type", type)], body: [text]))
    }
}

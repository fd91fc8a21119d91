internal import HTTPTransport
internal import ServingCore

/// `GET /v1/blocks`: every parameter block, who uses it, and whether it is in memory.
struct GetBlocks: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        .answer(.json(BlocksDocument(GatewaySnapshot(core))))
    }
}

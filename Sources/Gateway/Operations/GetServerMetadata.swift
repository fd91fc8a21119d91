internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `GET /v2`: the server's name, version and extensions.
struct GetServerMetadata: Operation {
    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        .answer(.json(ServerMetadata(name: GatewayVersion.name, version: GatewayVersion.current)))
    }
}

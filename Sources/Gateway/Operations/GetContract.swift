internal import HTTPTransport
internal import ServingCore

/// `GET /openapi.yaml`: what the gateway answers, as it was built.
struct GetContract: Operation {
    private static let text = ByteRegion(copying: PackageResources.openapi_yaml)

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        .answer(HTTPResponse(status: 200, headers: [("Content-Type", "application/yaml")], body: [Self.text]))
    }
}

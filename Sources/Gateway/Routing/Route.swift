/// One path and method the gateway answers, as `openapi.yaml` writes them.
public struct Route: Hashable, Sendable {
    /// The HTTP method.
    public let method: String
    /// The path with its parameters in braces: `/v2/models/{model}/infer`.
    public let path: String
    /// The operationId in `openapi.yaml`.
    public let operationID: String
    /// The operation that answers; one operation serves a path with and without a version.
    public let operation: OperationID

    let segments: [Segment]

    /// One part of a path between slashes.
    enum Segment: Hashable, Sendable {
        /// These bytes and no others.
        case literal([UInt8])
        /// A model's name.
        case model
        /// A version.
        case version
        /// The gateway's number of a request.
        case request

        fileprivate init(_ pattern: Substring) {
            switch pattern {
            case "{model}": self = .model
            case "{version}": self = .version
            case "{id}": self = .request
            default: self = .literal(Array(pattern.utf8))
            }
        }
    }

    init(_ method: String, _ path: String, _ operation: OperationID, id: String? = nil) {
        self.method = method
        self.path = path
        self.operation = operation
        operationID = id ?? operation.rawValue
        segments = path.split(separator: "/").map(Segment.init)
    }

    /// Every route there is.
    public static let all: [Route] = [
        Route("GET", "/v2", .getServerMetadata),
        Route("GET", "/v2/health/live", .getHealthLive),
        Route("GET", "/v2/health/ready", .getHealthReady),
        Route("GET", "/v2/models", .getModels),
        Route("GET", "/v2/models/stats", .getAllModelStats),
        Route("GET", "/v2/models/{model}", .getModelMetadata),
        Route("GET", "/v2/models/{model}/versions/{version}", .getModelMetadata, id: "getModelVersionMetadata"),
        Route("GET", "/v2/models/{model}/ready", .getModelReady),
        Route("GET", "/v2/models/{model}/versions/{version}/ready", .getModelReady, id: "getModelVersionReady"),
        Route("GET", "/v2/models/{model}/config", .getModelConfig),
        Route("GET", "/v2/models/{model}/versions/{version}/config", .getModelConfig, id: "getModelVersionConfig"),
        Route("GET", "/v2/models/{model}/stats", .getModelStats),
        Route("GET", "/v2/models/{model}/versions/{version}/stats", .getModelStats, id: "getModelVersionStats"),
        Route("POST", "/v2/models/{model}/infer", .postInfer),
        Route("POST", "/v2/models/{model}/versions/{version}/infer", .postInfer, id: "postVersionInfer"),
        Route("POST", "/v2/repository/index", .postRepositoryIndex),
        Route("POST", "/v2/repository/models/{model}/load", .postRepositoryLoad),
        Route("POST", "/v2/repository/models/{model}/unload", .postRepositoryUnload),
        Route("GET", "/v1/plan", .getPlan),
        Route("POST", "/v1/plan", .postPlan),
        Route("GET", "/v1/blocks", .getBlocks),
        Route("GET", "/v1/requests/{id}", .getRequest),
        Route("GET", "/v1/status", .getStatus),
        Route("GET", "/metrics", .getMetrics),
        Route("GET", "/openapi.yaml", .getContract),
        Route("GET", "/", .getDashboard),
    ]
}

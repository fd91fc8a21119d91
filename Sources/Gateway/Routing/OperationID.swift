/// The operations of `openapi.yaml`, by their operationId without the `Version` variants.
public enum OperationID: String, CaseIterable, Sendable {
    /// `GET /v2`
    case getServerMetadata
    /// `GET /v2/health/live`
    case getHealthLive
    /// `GET /v2/health/ready`
    case getHealthReady
    /// `GET /v2/models`
    case getModels
    /// `GET /v2/models/{model}`
    case getModelMetadata
    /// `GET /v2/models/{model}/ready`
    case getModelReady
    /// `GET /v2/models/{model}/config`
    case getModelConfig
    /// `GET /v2/models/{model}/stats`
    case getModelStats
    /// `GET /v2/models/stats`
    case getAllModelStats
    /// `POST /v2/models/{model}/infer`
    case postInfer
    /// `POST /v2/repository/index`
    case postRepositoryIndex
    /// `POST /v2/repository/models/{model}/load`
    case postRepositoryLoad
    /// `POST /v2/repository/models/{model}/unload`
    case postRepositoryUnload
    /// `GET /v1/plan`
    case getPlan
    /// `POST /v1/plan`
    case postPlan
    /// `GET /v1/blocks`
    case getBlocks
    /// `GET /v1/requests/{id}`
    case getRequest
    /// `GET /v1/status`
    case getStatus
    /// `GET /`
    case getDashboard
    /// `GET /openapi.yaml`
    case getContract
    /// `GET /metrics`
    case getMetrics
}

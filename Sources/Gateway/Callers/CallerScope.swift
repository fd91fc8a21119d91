/// What a key lets its holder do.
enum CallerScope: String, CaseIterable, Sendable {
    /// Run models.
    case infer
    /// See what the gateway is at: metrics, plan, blocks, decisions, dashboard.
    case read
    /// Load and unload models.
    case admin
}

extension OperationID {
    /// Who may call an operation, where keys are configured.
    enum Access: Equatable, Sendable {
        /// Everybody: health checks have no key.
        case open
        /// Every key: what a model takes and gives.
        case anyKey
        /// Keys of this scope.
        case scope(CallerScope)
    }

    /// Who may call it.
    var access: Access {
        switch self {
        case .getHealthLive, .getHealthReady: .open
        case .getServerMetadata, .getModelMetadata, .getModelReady, .getModelConfig, .postRepositoryIndex: .anyKey
        case .postInfer: .scope(.infer)
        case .postRepositoryLoad, .postRepositoryUnload: .scope(.admin)
        case .getModelStats, .getAllModelStats, .getPlan, .postPlan, .getBlocks, .getRequest, .getStatus,
            .getDashboard, .getMetrics:
            .scope(.read)
        }
    }
}

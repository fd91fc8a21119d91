/// What a key lets its holder do.
enum CallerScope: String, CaseIterable, Sendable {
    /// Run models.
    case infer
    /// See what the gateway is at: metrics, status, plan, blocks.
    case read
    /// Load and unload models, and see what was decided on everybody's requests.
    case admin
}

extension OperationID {
    /// Who may call an operation, where keys are configured.
    enum Access: Equatable, Sendable {
        /// Everybody: health checks have no key, and a browser has none before the page asks for it.
        case open
        /// Every key: what a model takes and gives, and what was decided on the caller's own requests.
        case anyKey
        /// Keys of this scope.
        case scope(CallerScope)
    }

    /// Who may call it.
    var access: Access {
        switch self {
        // The page shows nothing by itself: what it asks for, it asks for with a key.
        case .getHealthLive, .getHealthReady, .getDashboard, .getContract: .open
        case .getServerMetadata, .getModels, .getModelMetadata, .getModelReady, .getModelConfig, .postRepositoryIndex,
            .getRequest:
            .anyKey
        case .postInfer: .scope(.infer)
        case .postRepositoryLoad, .postRepositoryUnload: .scope(.admin)
        case .getModelStats, .getAllModelStats, .getPlan, .postPlan, .getBlocks, .getStatus, .getMetrics:
            .scope(.read)
        }
    }
}

extension ExperimentCatalog {
    /// Rolling horizon: requests arrive, batches end, plans change.
    static var rolling: [any Experiment] {
        [
            RollingUsersExperiment(),
            RollingUplinkExperiment(),
            RollingLoadingRateExperiment(),
            RollingMemoryExperiment(),
            RollingDeadlineExperiment(),
            RollingModelsExperiment(),
            RollingSharingExperiment(),
            RollingAdaptersExperiment(),
            EstimateErrorExperiment(),
            VariationExperiment(),
            LinkOutageExperiment(),
            TrafficSurgeExperiment(),
            MixedVersionsExperiment(),
            SharesExperiment(),
        ]
    }
}

extension ExperimentCatalog {
    /// A single epoch, as in the paper: all requests are there at the moment of planning.
    static var epoch: [any Experiment] {
        [
            SmallBackboneExperiment(),
            SmallGeneralExperiment(),
            UsersExperiment(),
            UsersGeneralExperiment(),
            UsersAdaptersExperiment(),
            UplinkExperiment(),
            LoadingRateExperiment(),
            MemoryExperiment(),
            DeadlineExperiment(),
            ModelsExperiment(),
            SharingExperiment(),
            SharingGeneralExperiment(),
        ]
    }
}

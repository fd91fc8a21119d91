extension ExperimentCatalog {
    /// Rolling horizon: requests arrive, batches end, plans change.
    static var rolling: [any Experiment] { [] }
}

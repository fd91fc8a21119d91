extension ExperimentCatalog {
    /// A single epoch, as in the paper: all requests are there at the moment of planning.
    static var epoch: [any Experiment] { [] }
}

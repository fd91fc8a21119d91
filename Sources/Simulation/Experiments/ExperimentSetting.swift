/// What all experiments of one run share.
public struct ExperimentSetting: Sendable {
    /// How many seeds each point is drawn for: 1, 2, ...
    public var seeds: Int
    /// What loads and batches take.
    public var costs: CostModel

    /// Makes a setting.
    public init(seeds: Int = 30, costs: CostModel = .stated) {
        self.seeds = seeds
        self.costs = costs
    }
}

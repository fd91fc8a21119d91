/// What loads and batches took alone and beside the other, each as a multiple of what was measured for it alone.
public struct ContentionSamples: Hashable, Sendable {
    /// One load or batch.
    public struct Sample: Hashable, Sendable {
        /// How many times what it was estimated to take it took.
        public var ratio: Double
        /// What it was estimated to take, in seconds.
        public var estimate: Double

        init(took seconds: Double, estimate: Double) {
            self.estimate = max(estimate, 1e-9)
            ratio = seconds / self.estimate
        }
    }

    /// Loads of a block while nothing ran.
    public var loadsAlone: [Sample] = []
    /// Loads of a block while batches ran.
    public var loadsBeside: [Sample] = []
    /// Seconds an order of loads took beside its blocks', while nothing ran: what was in memory goes first.
    public var ordersAlone: [Double] = []
    /// Batches while nothing was loaded.
    public var batchesAlone: [Sample] = []
    /// Batches while blocks were loaded.
    public var batchesBeside: [Sample] = []

    /// Makes empty ones.
    public init() {}
}

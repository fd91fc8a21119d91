/// What loads and batches took alone and beside the other, each as a multiple of what was measured for it alone.
public struct ContentionSamples: Hashable, Sendable {
    /// Loads of a block while nothing ran.
    public var loadsAlone: [Double] = []
    /// Loads of a block while batches ran.
    public var loadsBeside: [Double] = []
    /// Batches while nothing was loaded.
    public var batchesAlone: [Double] = []
    /// Batches while blocks were loaded.
    public var batchesBeside: [Double] = []

    /// Makes empty ones.
    public init() {}
}

/// What the load of one batch moves and waits for: it follows from the order of the batches and what is resident at first, and
/// depends on the times in ``protectedFrom`` alone.
struct LoadStep: Hashable, Sendable {
    /// How long the load takes.
    var seconds = 0.0
    /// Bytes it moves.
    var bytes = 0
    /// The batch whose end it waits for because memory is full: an index, or -1 for none.
    var waitsFor = -1
    /// The first batch whose blocks could not be evicted for it, counted as in ``Residency``; ``nobody`` where nothing had to be.
    var protectedFrom = LoadStep.nobody
    /// Which row of its ``LoadRecord`` holds what is resident before the load.
    var row = -1
    /// What that takes in memory.
    var residentBytes = 0
    /// Whether there is no room for what is missing beside what is resident, or reuse keeps nothing else anyway.
    var isTight = false
    /// Whether it waits for the end of the batch that runs at the moment of planning.
    var waitsForRunning = false
    /// Whether the batch does not fit in memory even alone.
    var exceedsMemory = false
    /// Whether all this holds, or has to be found yet.
    var isKnown = false

    static let nobody = Int.max
    /// Matches no time: what a batch must find anew.
    static let changed = Int.min
}

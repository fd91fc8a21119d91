/// What the load of one batch moves and waits for: it follows from the order of the batches and what is resident at first, and
/// depends on the times in ``protectedFrom`` alone.
struct LoadStep: Hashable, Sendable {
    /// How long the load takes.
    var seconds = 0.0
    /// Bytes it moves.
    var bytes = 0
    /// The batch whose end it waits for because memory is full: an index, or -1 for none.
    var waitsFor = -1
    /// Whether it waits for the end of the batch that runs at the moment of planning.
    var waitsForRunning = false
    /// The first batch whose blocks could not be evicted for it; ``Residency`` counts. Nil where it had no need to evict.
    var protectedFrom: Int?
}

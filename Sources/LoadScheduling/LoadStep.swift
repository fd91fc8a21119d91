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
    /// The least of ``protectedFrom`` with which the same blocks are evicted: those of batches from there on are not among them.
    var protectedLeast = LoadStep.nobody
    /// Where its ``LoadRecord`` holds what is loaded with it, then what is evicted for it.
    var changes = 0..<0
    /// Whether there is no room for what is missing beside what is resident, or reuse keeps nothing else anyway.
    var isTight = false
    /// Whether it waits for the end of the batch that runs at the moment of planning.
    var waitsForRunning = false
    /// Whether the batch does not fit in memory even alone.
    var exceedsMemory = false
    /// Whether what it waits for holds: that follows from the order alone.
    var isWaitKnown = false
    /// Whether all this holds, or has to be found yet.
    var isKnown = false

    static let nobody = Int.max
    /// Matches no time: what a batch must find anew.
    static let changed = Int.min

    /// Whether the same is evicted where the blocks of batches from `first` on must stay.
    func holds(protectingFrom first: Int) -> Bool {
        first == protectedFrom || (protectedLeast..<protectedFrom).contains(first)
    }

    /// Takes over what `other` waits for.
    mutating func waits(as other: LoadStep) {
        waitsFor = other.waitsFor
        waitsForRunning = other.waitsForRunning
        exceedsMemory = other.exceedsMemory
        isWaitKnown = true
    }

    /// Makes it follow that a batch was put in at `position`, before this one.
    mutating func makeRoom(forBatchAt position: Int) {
        if waitsFor >= position { waitsFor += 1 }
        isWaitKnown = false
        guard protectedFrom != Self.nobody else { return }
        guard protectedFrom >= position else {
            // The newcomer may be protected as well.
            protectedFrom = Self.changed
            protectedLeast = Self.changed
            return
        }
        protectedFrom += 1
        // What was evicted may be used by the newcomer, too.
        protectedLeast = max(protectedLeast >= position ? protectedLeast + 1 : protectedLeast, position + 1)
    }
}

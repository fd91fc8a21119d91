public import ServingCore

/// Where one block stands.
public struct BlockResidency: Hashable, Sendable {
    /// The states of a block that has bytes reserved; a block without is absent.
    public enum State: String, Hashable, Sendable {
        /// Its bytes are reserved, the engine is at work.
        case loading
        /// It is in memory and may be used.
        case resident
        /// The engine is giving its memory back; its bytes still count.
        case evicting
    }

    /// The block, with its size: estimated while it loads, measured afterwards.
    public var block: ParameterBlock
    /// Where it stands.
    public var state: State
    /// How many holders need it to stay.
    public var pins = 0
    /// Whether it was used since it was loaded: the first use is the miss that its load was for.
    var wasUsed = false

    /// Makes the entry of a block that begins to load.
    init(loading block: ParameterBlock) {
        self.block = block
        state = .loading
    }
}

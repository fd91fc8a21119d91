public import ServingCore

/// What became of a ``LoadOrder``.
public struct LoadResult: Hashable, Sendable {
    /// What became of one block.
    public enum Outcome: Hashable, Sendable {
        /// It is resident: how long that took and, where it was measured, what it takes in memory.
        case loaded(Duration, size: ByteCount?)
        /// It is not resident: loaded, it took more memory than expected, and more than there was.
        case tooLarge(ByteCount)
        /// It is not resident, and why.
        case failed(ServingError)
    }

    /// The order.
    public var order: OrderID
    /// For each block of the order that was tried; a block that is not named counts as not tried and not resident.
    public var blocks: [BlockID: Outcome]

    /// Makes a result.
    public init(order: OrderID, blocks: [BlockID: Outcome]) {
        self.order = order
        self.blocks = blocks
    }
}

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
    /// Every block in memory after the order, with its bytes; nil where that is just what the order and ``blocks`` say.
    public var resident: [BlockID: ByteCount]?
    /// Why the order was not carried out to its end, where it was no block to be loaded that failed.
    public var failure: ServingError?

    /// Makes a result.
    public init(
        order: OrderID,
        blocks: [BlockID: Outcome],
        resident: [BlockID: ByteCount]? = nil,
        failure: ServingError? = nil
    ) {
        self.order = order
        self.blocks = blocks
        self.resident = resident
        self.failure = failure
    }
}

public import ServingCore

/// The dispatcher's own number for one order, unique while the process runs.
public struct OrderID: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number.
    public let rawValue: UInt64

    /// Makes an id of `rawValue`.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Order of issue.
    public static func < (lhs: OrderID, rhs: OrderID) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// Work for the loader: first evict, then load, block by block in order.
public struct LoadOrder: Hashable, Sendable {
    /// What it is for.
    public enum Purpose: Hashable, Sendable {
        /// The next batches of a model.
        case batch
        /// A model to be pinned.
        case pin
        /// Nothing is loaded: room is made by an unpin or a change of the catalog.
        case eviction
    }

    /// The order, to be named in the result.
    public var id: OrderID
    /// What it is for.
    public var purpose: Purpose
    /// The model the blocks are for; nil for an eviction that is for none.
    public var model: ModelID?
    /// Blocks to release first; none of them is in use by the running batch.
    public var evict: [BlockID]
    /// Blocks to load, in the order the model runs them.
    public var load: [ParameterBlock]
    /// How many of the model's blocks are resident already.
    public var reusedBlocks: Int

    /// Makes an order.
    public init(
        id: OrderID,
        purpose: Purpose,
        model: ModelID?,
        evict: [BlockID],
        load: [ParameterBlock],
        reusedBlocks: Int
    ) {
        self.id = id
        self.purpose = purpose
        self.model = model
        self.evict = evict
        self.load = load
        self.reusedBlocks = reusedBlocks
    }
}

public import ServingCore
import Synchronization

/// The blocks in memory, under a hard cap of bytes; any thread may call.
///
/// Every rule is ``ResidencyLedger``'s; here are the lock and the engine, which is never called under the lock. One
/// loader is expected: loading or evicting a block that another thread is loading or evicting is refused, not awaited.
public final class ResidentBlocks: Sendable {
    /// A model that was pinned, with the block of each of its steps: the next pin need not look them up.
    private struct Prepared: Sendable {
        let wiring: ModelWiring
        let blocks: [any LoadedBlock]
    }

    private struct Contents: Sendable {
        var ledger: ResidencyLedger
        var loaded: [BlockID: any LoadedBlock] = [:]
        /// The models pinned since the last eviction.
        var prepared: [ModelID: Prepared] = [:]
        /// What blocks took when they were last loaded, kept after they left.
        var measured: [BlockID: ByteCount] = [:]

        mutating func pin(_ model: ServableModel, countsAsUse: Bool) throws(ServingError) -> Prepared {
            if let known = prepared[model.id], known.wiring.model == model {
                try ledger.pin(known.wiring.ids, countsAsUse: countsAsUse)
                return known
            }
            let wiring = ModelWiring(model)
            try ledger.pin(wiring.ids, countsAsUse: countsAsUse)
            let new = Prepared(wiring: wiring, blocks: model.steps.compactMap { loaded[$0.block.id] })
            prepared[model.id] = new
            return new
        }
    }

    /// The engine that holds the blocks.
    public let engine: any InferenceEngine
    private let file: @Sendable (BlockID) throws(ServingError) -> String
    private let contents: Mutex<Contents>

    /// Makes an empty set of at most `limit` bytes; `file` says where a block is stored.
    public init(
        limit: ByteCount,
        engine: any InferenceEngine,
        file: @escaping @Sendable (BlockID) throws(ServingError) -> String
    ) {
        self.engine = engine
        self.file = file
        contents = Mutex(Contents(ledger: ResidencyLedger(limit: limit)))
    }

    /// The whole account as it stands now: bytes used, pinned and free, counters, every block.
    public var ledger: ResidencyLedger { contents.withLock(\.ledger) }

    /// Every block that may be used now, with its bytes.
    public var residentSizes: [BlockID: ByteCount] {
        contents.withLock { contents in
            contents.ledger.entries.compactMapValues { $0.state == .resident ? $0.block.size : nil }
        }
    }

    /// Whether the block may be used now.
    public func isResident(_ id: BlockID) -> Bool { contents.withLock { $0.ledger.isResident(id) } }

    /// Loads the block unless it is in memory, and returns it with its measured size; blocks until done.
    ///
    /// Throws `.memoryUnavailable` before the engine is asked where the block's estimated size does not fit, and after
    /// the load where its measured size does not; `.modelUnavailable` where another thread is at the same block;
    /// else what the engine throws.
    @discardableResult
    public func load(_ block: ParameterBlock) throws(ServingError) -> ParameterBlock {
        for reserved in try reserve([block]) { return try fill(reserved) }
        return contents.withLock { $0.ledger.entries[block.id]?.block } ?? block
    }

    /// Puts the block out of memory; the engine has freed it when this returns. An absent block is no error.
    ///
    /// Returns whether it was there. Throws `.memoryUnavailable` for a pinned block, `.modelUnavailable` for one that
    /// another thread is loading or evicting.
    @discardableResult
    public func evict(_ id: BlockID) throws(ServingError) -> Bool {
        guard try drop(id) else { return false }
        contents.withLock { $0.ledger.finishEviction(id) }
        return true
    }

    /// Pins all of `model`'s blocks until the result is released; all or none.
    ///
    /// Throws `.modelUnavailable` where one of them is not in memory. `countsAsUse` for a batch, not for an operator
    /// who keeps a model in memory: only uses count as hits.
    public func pin(_ model: ServableModel, countsAsUse: Bool = true) throws(ServingError) -> PinnedModel {
        let prepared = try contents.withLock { contents throws(ServingError) in
            try contents.pin(model, countsAsUse: countsAsUse)
        }
        return PinnedModel(prepared.wiring, blocks: prepared.blocks, owner: self)
    }

    /// Forgets what is only remembered of blocks that are neither in memory nor in `blocks`.
    public func keep(only blocks: Set<BlockID>) {
        contents.withLock { contents in
            contents.ledger.keep(only: blocks)
            contents.measured = contents.measured.filter {
                blocks.contains($0.key) || contents.ledger.entries[$0.key] != nil
            }
        }
    }

    // MARK: For the loader and the pins

    /// Reserves the bytes of those of `blocks` that are absent, all or none; each must then be filled or abandoned.
    func reserve(_ blocks: [ParameterBlock]) throws(ServingError) -> [ParameterBlock] {
        try contents.withLock { contents throws(ServingError) in try contents.ledger.beginLoads(blocks) }
    }

    /// Has the engine load a reserved block; gives the reservation back where that fails.
    func fill(_ block: ParameterBlock) throws(ServingError) -> ParameterBlock {
        var loaded: (any LoadedBlock)?
        do throws(ServingError) {
            loaded = try engine.load(block: block.id, from: file(block.id))
        } catch {
            contents.withLock { $0.ledger.abandonLoad(block.id, engineFailed: true) }
            throw error
        }
        let size = loaded?.residentSize ?? block.size
        try contents.withLock { contents throws(ServingError) in
            contents.measured[block.id] = size
            try contents.ledger.finishLoad(block.id, measured: size)
            // Handed over, not copied: whoever evicts it after the lock must have the last reference.
            contents.loaded[block.id] = loaded.take()
        }
        return ParameterBlock(id: block.id, size: size)
    }

    /// What the block took in memory when it was last loaded, nil where it never was.
    func measuredSize(of id: BlockID) -> ByteCount? { contents.withLock { $0.measured[id] } }

    /// Gives the bytes of a reserved block back without loading it.
    func abandon(_ block: ParameterBlock) {
        contents.withLock { $0.ledger.abandonLoad(block.id, engineFailed: false) }
    }

    /// Takes one pin from each block; the caller has dropped its references to them.
    func unpin(_ ids: [BlockID]) {
        contents.withLock { $0.ledger.unpin(ids) }
    }

    /// Drops the reference to a block that may be evicted; its memory is free when this returns.
    private func drop(_ id: BlockID) throws(ServingError) -> Bool {
        let block = try contents.withLock { contents throws(ServingError) -> (any LoadedBlock)? in
            guard try contents.ledger.beginEviction(id) else { return nil }
            // Any of them may refer to the block. What else they refer to stays in memory for `loaded`.
            contents.prepared.removeAll()
            return contents.loaded.removeValue(forKey: id)
        }
        return block != nil
    }
}

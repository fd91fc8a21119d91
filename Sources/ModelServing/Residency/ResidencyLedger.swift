public import ServingCore

/// The account of which blocks are in memory: pure, so that every rule of residency can be tested without an engine.
///
/// Invariants, after every operation that did not throw and after every one that did:
/// `0 <= pinned <= used <= limit`; `used` is the sum of all sizes held; no pinned block is evicted.
public struct ResidencyLedger: Sendable {
    /// How many bytes there are in all; never exceeded.
    public let limit: ByteCount
    /// Bytes of all blocks that load, are resident, or are being evicted.
    public private(set) var used = ByteCount.zero
    /// Bytes of the blocks that have at least one pin.
    public private(set) var pinned = ByteCount.zero
    /// What happened so far.
    public private(set) var counters = ResidencyCounters()
    /// Every block that is not absent.
    public private(set) var entries: [BlockID: BlockResidency] = [:]
    /// How often each block was in memory already when it was used, kept over evictions.
    public private(set) var hitsByBlock: [BlockID: Int] = [:]
    /// How often each block was loaded, kept over evictions.
    public private(set) var loadsByBlock: [BlockID: Int] = [:]

    /// Makes an empty account of `limit` bytes.
    public init(limit: ByteCount) {
        precondition(limit >= 0, "a limit is never negative: check it where it comes from")
        self.limit = limit
    }

    /// The bytes that nothing takes.
    public var free: ByteCount { limit - used }

    /// Whether the block may be used now.
    public func isResident(_ id: BlockID) -> Bool { entries[id]?.state == .resident }

    // MARK: Loading

    /// Reserves the estimated bytes of those of `blocks` that are absent, all or none, and returns them in order.
    ///
    /// Throws `.memoryUnavailable` where they do not fit, `.modelUnavailable` where one of them is being loaded or
    /// evicted by somebody else: there is one loader by design, so nobody waits here.
    /// - Complexity: O(n) for n blocks.
    public mutating func beginLoads(_ blocks: [ParameterBlock]) throws(ServingError) -> [ParameterBlock] {
        var missing: [ParameterBlock] = []
        var needed = ByteCount.zero
        var seen = Set<BlockID>()
        for block in blocks where seen.insert(block.id).inserted {
            if let entry = entries[block.id] {
                guard entry.state == .resident else { throw .inTransition(block.id, entry.state) }
            } else {
                missing.append(block)
                needed += max(block.size, 0)
            }
        }
        guard needed <= free else { throw .noRoom(for: needed, in: self) }
        for block in missing {
            entries[block.id] = BlockResidency(loading: ParameterBlock(id: block.id, size: max(block.size, 0)))
        }
        used += needed
        return missing
    }

    /// The engine has loaded the block: corrects the reserved size to the measured one.
    ///
    /// Throws `.memoryUnavailable`, and forgets the block, where the measured size does not fit; the caller drops it.
    public mutating func finishLoad(_ id: BlockID, measured size: ByteCount) throws(ServingError) {
        let reserved = heldSize(of: id, in: .loading)
        guard size >= 0, size <= free + reserved else {
            forget(id)
            counters.failures += 1
            throw .noRoom(for: size, in: self)
        }
        used = used - reserved + size
        entries[id]?.block.size = size
        entries[id]?.state = .resident
        counters.misses += 1
        loadsByBlock[id, default: 0] += 1
        counters.bytesLoaded += size
    }

    /// The engine could not load the block, or was not asked to: gives its bytes back.
    public mutating func abandonLoad(_ id: BlockID, engineFailed: Bool) {
        _ = heldSize(of: id, in: .loading)
        forget(id)
        if engineFailed { counters.failures += 1 }
    }

    // MARK: Evicting

    /// Takes a resident block out of use, so that the engine can free it; its bytes count until ``finishEviction(_:)``.
    ///
    /// Returns whether there is something to free: false for an absent block. Throws `.memoryUnavailable` for a
    /// pinned block, `.modelUnavailable` for one that somebody else is loading or evicting.
    public mutating func beginEviction(_ id: BlockID) throws(ServingError) -> Bool {
        guard let entry = entries[id] else { return false }
        guard entry.state == .resident else { throw .inTransition(id, entry.state) }
        guard entry.pins == 0 else {
            throw ServingError(.memoryUnavailable, "block \(id) is in use and cannot be evicted")
        }
        entries[id]?.state = .evicting
        return true
    }

    /// The engine has freed the block.
    public mutating func finishEviction(_ id: BlockID) {
        _ = heldSize(of: id, in: .evicting)
        forget(id)
        counters.evictions += 1
    }

    // MARK: Pins

    /// Adds a pin to each of `ids`, all or none; `countsAsUse` for a batch, not for an operator who keeps a model in.
    ///
    /// Throws `.modelUnavailable` where one of them is not resident.
    public mutating func pin(_ ids: [BlockID], countsAsUse: Bool) throws(ServingError) {
        for id in ids where !isResident(id) {
            throw ServingError(.modelUnavailable, "block \(id) is not in memory")
        }
        for id in ids {
            // Changed where it lies: reading it out and writing it back would look it up twice.
            guard let place = entries.index(forKey: id) else { continue }
            if entries.values[place].pins == 0 { pinned += entries.values[place].block.size }
            entries.values[place].pins += 1
            if countsAsUse { noteUse(at: place) }
        }
    }

    /// Takes one pin from each of `ids`, which must have been pinned.
    public mutating func unpin(_ ids: [BlockID]) {
        for id in ids {
            guard let place = entries.index(forKey: id), entries.values[place].pins > 0 else {
                preconditionFailure("unpinned more often than pinned")
            }
            entries.values[place].pins -= 1
            if entries.values[place].pins == 0 { pinned -= entries.values[place].block.size }
        }
    }

    // MARK: Remembering

    /// Forgets how often blocks were used and loaded that are neither in memory nor in `blocks`.
    public mutating func keep(only blocks: Set<BlockID>) {
        hitsByBlock = hitsByBlock.filter { blocks.contains($0.key) || entries[$0.key] != nil }
        loadsByBlock = loadsByBlock.filter { blocks.contains($0.key) || entries[$0.key] != nil }
    }

    // MARK: Inside

    private mutating func noteUse(at place: Dictionary<BlockID, BlockResidency>.Index) {
        let block = entries.values[place].block
        if entries.values[place].wasUsed {
            counters.hits += 1
            counters.bytesReused += block.size
            hitsByBlock[block.id, default: 0] += 1
        }
        entries.values[place].wasUsed = true
    }

    private func heldSize(of id: BlockID, in state: BlockResidency.State) -> ByteCount {
        guard let entry = entries[id], entry.state == state else {
            preconditionFailure("a step of a load or an eviction out of order")
        }
        return entry.block.size
    }

    private mutating func forget(_ id: BlockID) {
        if let entry = entries.removeValue(forKey: id) { used -= entry.block.size }
    }
}

extension ServingError {
    fileprivate static func inTransition(_ id: BlockID, _ state: BlockResidency.State) -> ServingError {
        ServingError(.modelUnavailable, "block \(id) is \(state.rawValue) at this moment", retryAfter: .seconds(1))
    }

    fileprivate static func noRoom(for needed: ByteCount, in ledger: ResidencyLedger) -> ServingError {
        ServingError(
            .memoryUnavailable,
            "\(needed.rawValue) bytes do not fit: \(ledger.used.rawValue) of \(ledger.limit.rawValue) are in use, "
                + "\(ledger.pinned.rawValue) of them pinned",
            retryAfter: .seconds(1)
        )
    }
}

import LoadScheduling
import ServingCore

/// One truth of what is in memory: the loader's.
extension Dispatcher {
    /// Takes over what the loader says is in memory after an order that was not carried out as it was given.
    ///
    /// Where a block could not be evicted as a batch uses it, the load is not to blame.
    /// - Complexity: O(blocks resident * log(blocks resident)).
    mutating func adopt(_ resident: [BlockID: ByteCount], after load: LoadInFlight, _ tally: inout LoadOutcome) {
        let known = server.blocks.count
        var actual = BlockSet()
        for (id, size) in resident.sorted(by: { $0.key < $1.key }) {
            let block = index(of: ParameterBlock(id: id, size: size), loadSeconds: nil)
            if server.blocks[block].bytes != size.rawValue { setSize(size, of: block) }
            actual.insert(block)
        }
        if server.blocks.count > known { costs.groupBlocks() }
        if accelerator.adopt(resident: actual, after: load) { tally.mustWait = true }
    }

    /// Fails what waits for models that have turned out too large to fit beside what is pinned: it could never run.
    mutating func failWhatPinsExclude(_ actions: inout [DispatchAction]) {
        guard !state.pinned.isEmpty else { return }
        for model in Set(plan.outlines.map(\.model)).sorted() where !accelerator.fitsBesidePins(model, on: server) {
            failAll(of: model, Self.tooLargeBesidePins, &actions)
        }
    }

    static let tooLargeBesidePins = ServingError(
        .memoryUnavailable,
        "the model takes more memory than there is beside what is pinned"
    )
}

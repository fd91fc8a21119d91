import LoadScheduling
import ServingCore

/// What is known of how much more is asked for than can be served.
struct OverloadState: Sendable {
    /// What plans leave beyond margins where at least twice as much is asked for as can be done.
    static let caution = 0.3

    /// What all arrivals together ask for.
    var offered = OfferedLoad()
    /// Whether more is asked for than batches of any size could serve.
    func isOver(at now: Double) -> Bool { offered.share(at: now) > 1 }

    /// When a batch whose model was not in memory was opened last, in seconds.
    var openedAt = -Double.infinity
    /// Whether the request asked about last would open such a batch.
    var isOpening = false
}

/// What is refused although it could be in time: under overload, whatever is taken in takes the place of others.
extension Dispatcher {
    /// Refuses a request that would need a load of its own while there is more to do than can be done; nil where it may be asked
    /// further, and is then noted with ``noteOpening()`` where it is admitted.
    ///
    /// First come first taken fills a plan with small batches of many models: each arrival finds just the time that became
    /// free, and spends it on a load. Those whose model is in memory and stays there, or whose batch waits, cost a fraction of
    /// that. So, while more is asked for than batches of any size could serve, batches that need a load are opened
    /// ``DispatcherConfiguration/overloadLoadInterval`` apart, times what is asked for in excess. Nothing is refused by this
    /// where all could be served, and every model has its turn.
    /// - Complexity: O(blocks of all planned batches) under overload, else O(1).
    mutating func overloadRefusal(of entry: RequestTable.Entry) -> ServingError? {
        overload.isOpening = false
        guard configuration.policy.isPlanned, configuration.overloadLoadInterval > .zero else { return nil }
        let item = computeEstimates[entry.model].item * computeEstimates.meanFactor
        overload.offered.note(item, at: state.now)
        let excess = overload.offered.share(at: state.now) - 1
        // What is only observed is taken in anyway: there is no other whose place it takes.
        guard excess > 0, !isObserving, needsOwnLoad(entry.model) else { return nil }
        overload.isOpening = true
        let wait = overload.openedAt + configuration.overloadLoadInterval.inSeconds * excess - state.now
        guard wait > 0 else { return nil }
        return ServingError(
            .queueFull,
            "more is asked for than can be served: models that are in memory come first, others are loaded one after the other",
            retryAfter: Self.duration(wait)
        )
    }

    /// What plans leave beyond margins. While more is asked for than can be done, a promise that is not made costs nothing: somebody
    /// else is served instead.
    var caution: Double {
        let excess = min(max(overload.offered.share(at: state.now) - 1, 0), 1)
        return max(promises.factor, 1 + OverloadState.caution * excess)
    }

    /// The request asked about last is admitted.
    mutating func noteOpening() {
        if overload.isOpening { overload.openedAt = state.now }
    }

    /// Whether no batch of `model` waits that has room, and it is not in memory or will not stay there beside what is planned.
    private func needsOwnLoad(_ model: Int) -> Bool {
        let room = server.models[model].maximumBatchSize
        guard !plan.outlines.contains(where: { $0.model == model && $0.count < room }) else { return false }
        guard isResident(model) else { return true }
        var needed = state.executing
        needed.formUnion(state.pinned)
        needed.formUnion(server.models[model].blockSet)
        for outline in plan.outlines { needed.formUnion(server.models[outline.model].blockSet) }
        return server.bytes(of: needed) > server.memoryBytes
    }
}

import LoadScheduling
import ServingCore

/// What the load shedder needs to know of a request.
extension Dispatcher {
    /// Refuses a request whose place is better given to others while there is more to do than can be done; nil where it may be
    /// asked further.
    /// - Complexity: O(planned batches and blocks of the model), under overload O(blocks of all planned batches).
    mutating func overloadRefusal(of entry: RequestTable.Entry) -> ServingError? {
        guard configuration.policy.isPlanned else { return nil }
        let item = costs.batches[entry.model].item * executorFactor
        let cost = isTooLateAlone(entry) ? nil : addedSeconds(of: entry.model)
        shedder.begin(item: item, cost: cost, at: state.now)
        // What is only observed is taken in anyway: there is no other whose place it takes.
        guard isCrowdedOut(entry) else { return nil }
        if let refusal = shedder.costRefusal(hasWork: hasWork) { return refusal }
        guard shedder.spacesLoads, needsOwnLoad(entry.model) else { return nil }
        return shedder.loadRefusal(taking: ownLoadSeconds(of: entry.model), at: state.now)
    }

    /// Whether the place of a request is better given to others.
    func isCrowdedOut(_ entry: RequestTable.Entry) -> Bool {
        shedder.isOver(within: entry.deadline - state.now, at: state.now) && !isObserving
    }

    /// What plans leave beyond margins.
    var caution: Double { shedder.caution(at: state.now) }

    /// Tells the load shedder that admission refused the last request.
    mutating func noteRefusal(_ error: ServingError, of entry: RequestTable.Entry) {
        let hadRoom = isCrowdedOut(entry) && hasRoom(for: entry.model)
        let window = entry.deadline - state.now
        shedder.noteRefusal(error.code, within: window, hadRoom: hadRoom, at: state.now)
    }

    /// Whether all lanes have something to do.
    private var hasWork: Bool { !accelerator.hasFreeLane || plan.batches.contains { $0.readyCount > 0 } }

    /// Seconds one more request of `model` adds to what the executor has to do: less where a batch waits that has room.
    private func addedSeconds(of model: Int) -> Double {
        let estimate = costs.batches[model]
        return (estimate.item + (hasRoom(for: model) ? 0 : estimate.base)) * executorFactor
    }

    /// What a second of a batch by itself takes of the executor, which has lanes that cost each other something.
    private var executorFactor: Double {
        costs.batches.meanFactor * server.slowdown(busyPart: 1) / Double(server.lanes)
    }

    private func hasRoom(for model: Int) -> Bool {
        queue.hasRoom(for: model, room: server.models[model].maximumBatchSize)
    }

    /// What bringing in what `model` lacks now takes; where it lacks nothing yet, all of it.
    private func ownLoadSeconds(of model: Int) -> Double {
        let blocks = server.models[model].blocks
        let missing = blocks.filter { !state.resident.contains($0) }
        return (missing.isEmpty ? blocks : missing).reduce(0) { $0 + costs.loads.seconds(of: $1) }
    }

    /// Whether no batch of `model` waits that has room, and it is not in memory or will not stay there beside what is planned.
    private func needsOwnLoad(_ model: Int) -> Bool {
        guard !hasRoom(for: model) else { return false }
        guard isResident(model) else { return true }
        var needed = state.executing
        needed.formUnion(state.pinned)
        needed.formUnion(server.models[model].blockSet)
        for outline in plan.outlines { needed.formUnion(server.models[outline.model].blockSet) }
        return server.bytes(of: needed) > server.memoryBytes
    }
}

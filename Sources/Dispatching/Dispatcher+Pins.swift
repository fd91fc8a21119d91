import LoadScheduling
import ServingCore

/// Models that are to stay resident, and those asked to.
struct PinState: Sendable {
    /// A pin whose blocks are not resident yet.
    struct Pending: Sendable {
        var model: Int
        var since: Double
    }

    /// Models that stay.
    var models: Set<Int> = []
    /// Pins in the order they were asked for.
    var pending: [Pending] = []
    /// What the models that stay need, and those that are asked to: whatever is admitted must fit beside it, or a pin that is
    /// under way would shut it out.
    var claimed = BlockSet()
    /// Blocks to release as soon as the loader is free.
    var evictions = BlockSet()
}

extension Dispatcher {
    mutating func pin(_ id: ModelID, _ actions: inout [DispatchAction]) {
        guard let model = catalog.index(of: id) else {
            actions.append(.pinFailed(id, ServingError(.unknownModel, "there is no model \(id)")))
            return
        }
        if let error = pinObstacle(model) {
            actions.append(.pinFailed(id, error))
        } else if isUsable(model) {
            keep(model)
            actions.append(.pinned(id))
        } else {
            pins.pending.append(PinState.Pending(model: model, since: state.now))
            updateClaims()
        }
    }

    /// Makes ``PinState/claimed`` follow from the pins.
    mutating func updateClaims() {
        pins.claimed = state.pinned
        for pending in pins.pending { pins.claimed.formUnion(server.models[pending.model].blockSet) }
    }

    /// Why `model` cannot stay: with what is pinned, or beside each model that waits or runs, it does not fit.
    private func pinObstacle(_ model: Int) -> ServingError? {
        var kept = pins.claimed
        kept.formUnion(server.models[model].blockSet)
        var needed = server.bytes(of: kept)
        for other in Set(plan.outlines.map(\.model)) {
            var together = kept
            together.formUnion(server.models[other].blockSet)
            needed = max(needed, server.bytes(of: together))
        }
        guard needed > server.memoryBytes else { return nil }
        return ServingError(
            .memoryUnavailable,
            "pinning it would take \(needed) bytes of accelerator memory with what is pinned or waits, of which there are "
                + "\(server.memoryBytes)"
        )
    }

    private mutating func keep(_ model: Int) {
        pins.models.insert(model)
        queue.noteMachineChange()
        var pinned = state.pinned
        pinned.formUnion(server.models[model].blockSet)
        accelerator.setPinned(pinned)
        pins.evictions.subtract(server.models[model].blockSet)
        updateClaims()
    }

    /// Starts the load of the pin asked for first, unless it should wait for a better moment.
    mutating func startPin(_ actions: inout [DispatchAction]) -> Bool {
        guard let pending = pins.pending.first else { return false }
        if let error = pinObstacle(pending.model) {
            pins.pending.removeFirst()
            updateClaims()
            actions.append(.pinFailed(catalog.modelIDs[pending.model], error))
            return false
        }
        if isResident(pending.model) {
            pins.pending.removeFirst()
            keep(pending.model)
            actions.append(.pinned(catalog.modelIDs[pending.model]))
            return false
        }
        let isPatient = state.now - pending.since < configuration.pinPatience.inSeconds
        if isPatient, pinMakesLate(pending.model) {
            wake.retry = min(wake.retry, pending.since + configuration.pinPatience.inSeconds)
            return false
        }
        return load(pending.model, purpose: .pin, keeping: state.executing, &actions)
    }

    private mutating func pinMakesLate(_ model: Int) -> Bool {
        let missing = accelerator.missing(of: server.models[model])
        var then = state
        then.loaderFree += missing.reduce(0) { $0 + server.blocks[$1].loadSeconds }
        return editor.makesLate(then, queue, on: server, from: state)
    }

    /// Ends a pin whose load has come back.
    mutating func finishPin(_ model: Int, _ error: ServingError?, _ actions: inout [DispatchAction]) {
        guard let index = pins.pending.firstIndex(where: { $0.model == model }) else { return }
        pins.pending.remove(at: index)
        if let error {
            updateClaims()
            actions.append(.pinFailed(catalog.modelIDs[model], error))
        } else {
            keep(model)
            actions.append(.pinned(catalog.modelIDs[model]))
        }
    }

    mutating func unpin(_ id: ModelID, _ actions: inout [DispatchAction]) {
        defer { actions.append(.unpinned(id)) }
        guard let model = catalog.index(of: id) else { return }
        cancelPins("it was unloaded before it was loaded", &actions) { $0 == model }
        release(model)
        pins.evictions.formUnion(server.models[model].blockSet)
    }

    /// Lets go of the pins of models that left the catalog.
    mutating func dropPins(notIn served: Set<Int>, _ actions: inout [DispatchAction]) {
        cancelPins("it was taken out of the catalog", &actions) { !served.contains($0) }
        for model in pins.models.subtracting(served) { release(model) }
    }

    private mutating func cancelPins(
        _ reason: String,
        _ actions: inout [DispatchAction],
        where isAffected: (Int) -> Bool
    ) {
        for pending in pins.pending where isAffected(pending.model) {
            actions.append(.pinFailed(catalog.modelIDs[pending.model], ServingError(.modelUnavailable, reason)))
        }
        pins.pending.removeAll { isAffected($0.model) }
        updateClaims()
    }

    private mutating func release(_ model: Int) {
        guard pins.models.remove(model) != nil else { return }
        var pinned = BlockSet()
        for other in pins.models { pinned.formUnion(server.models[other].blockSet) }
        accelerator.setPinned(pinned)
        queue.noteMachineChange()
        updateClaims()
    }

    /// Evicts unpinned blocks that no other request needs; blocks that a running batch uses are evicted after it ends.
    mutating func startEviction(_ actions: inout [DispatchAction]) -> Bool {
        guard !pins.evictions.isEmpty else { return false }
        pins.evictions.formIntersection(state.resident)
        pins.evictions.subtract(state.pinned)
        for outline in plan.outlines { pins.evictions.subtract(server.models[outline.model].blockSet) }
        var idle = pins.evictions
        idle.subtract(state.executing)
        pins.evictions.formIntersection(state.executing)
        let evicted = idle.indices
        guard !evicted.isEmpty else { return false }
        issue(.eviction, model: nil, evict: evicted, load: [], &actions)
        return true
    }
}

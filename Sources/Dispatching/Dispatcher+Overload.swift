import LoadScheduling
import ServingCore

/// What is known of how much more is asked for than can be served.
struct OverloadState: Sendable {
    /// What plans leave beyond margins where at least twice as much is asked for as can be done.
    static let caution = 0.3

    /// What all arrivals together ask for.
    var offered = OfferedLoad()
    /// The same by what each of them costs, and what was given.
    var costs = CostClasses()
    /// What the request asked about last would cost, in seconds of the executor; 0 where it could not be served in any case.
    var cost = 0.0
    /// When a batch whose model was not in memory was opened last, in seconds.
    var openedAt = -Double.infinity
    /// Whether the request asked about last would open such a batch.
    var isOpening = false

    /// The longest time to answer, in seconds, for which admission had no time left since the overload began; 0: for none.
    private var crowdedWindow = 0.0

    /// A request may have this many times as much time to answer as one that was turned away and still take its place; one with
    /// more time can wait until that one would be done.
    private static let displacement = 2.0

    /// Whether more is asked for than batches of any size could serve, and admission itself had to turn away a request whose
    /// place one with `window` seconds to answer might take.
    ///
    /// The offered load alone does not show it: clients that each wait for their answer offer what can be served, give or take chance.
    func isOver(within window: Double, at now: Double) -> Bool {
        window <= crowdedWindow * Self.displacement && offered.share(at: now) > 1
    }

    /// Records an arrival that would add `seconds` to a batch.
    mutating func noteOffer(_ seconds: Double, at now: Double) {
        offered.note(seconds, at: now)
        if offered.share(at: now) <= 1 { crowdedWindow = 0 }
    }

    /// Records that admission found no time left for a request with `window` seconds to its deadline.
    mutating func noteTurnedAway(within window: Double, at now: Double) {
        guard offered.share(at: now) > 1 else { return }
        crowdedWindow = max(crowdedWindow, window)
    }
}

/// Load shedding: under overload, admitting one request displaces another, so some that could be in time are refused.
extension Dispatcher {
    /// Refuses a request whose place is better given to others while there is more to do than can be done; nil where it may be
    /// asked further: what becomes of it is then noted with ``noteAdmission()`` or ``forgetOffer()``.
    ///
    /// Nothing is refused by this where batches of any size could serve all that is asked for, nor unless admission itself had to
    /// turn away a request: while all requests fit, none displaces another.
    /// - Complexity: O(planned batches and blocks of the model), under overload O(blocks of all planned batches).
    mutating func overloadRefusal(of entry: RequestTable.Entry) -> ServingError? {
        (overload.isOpening, overload.cost) = (false, 0)
        guard configuration.policy.isPlanned else { return nil }
        noteOffer(of: entry)
        // What is only observed is taken in anyway: there is no other whose place it takes.
        guard isCrowdedOut(entry) else { return nil }
        return costRefusal() ?? loadRefusal(of: entry)
    }

    /// Whether the place of a request is better given to others.
    func isCrowdedOut(_ entry: RequestTable.Entry) -> Bool {
        overload.isOver(within: entry.deadline - state.now, at: state.now) && !isObserving
    }

    /// What plans leave beyond margins. While more is asked for than can be done, a promise that is not made costs nothing: somebody
    /// else is served instead.
    var caution: Double {
        let excess = min(max(overload.offered.share(at: state.now) - 1, 0), 1)
        return max(promises.factor(at: state.now), 1 + OverloadState.caution * excess)
    }

    /// The request asked about last is admitted.
    mutating func noteAdmission() {
        if overload.isOpening { overload.openedAt = state.now }
        if overload.cost > 0 { overload.costs.noteAdmitted(overload.cost, at: state.now) }
    }

    /// Records that admission refused the last request; a refusal for a reason other than time displaces no request.
    mutating func noteRefusal(_ error: ServingError, of entry: RequestTable.Entry) {
        guard overload.cost > 0 else { return }
        if error.code != .deadlineUnreachable { overload.costs.takeBack(overload.cost) }
        guard error.code == .deadlineUnreachable || error.code == .queueFull else { return }
        // What might have had a batch of its own, but for overload, was not turned away for want of time.
        if isCrowdedOut(entry), hasRoom(for: entry.model) { return }
        overload.noteTurnedAway(within: entry.deadline - state.now, at: state.now)
    }

    private mutating func noteOffer(of entry: RequestTable.Entry) {
        let item = costs.batches[entry.model].item * costs.batches.meanFactor
        overload.noteOffer(item, at: state.now)
        // Who cannot be served even alone stands in nobody's way.
        guard !isTooLateAlone(entry) else { return }
        overload.cost = addedSeconds(of: entry.model)
        overload.costs.noteOffered(overload.cost, at: state.now)
    }

    /// Refuses what costs more than others who fill the executor's time.
    ///
    /// First come first taken serves the dear as often as the cheap. Most are served in time if those come first who add the
    /// least to what the executor has to do: who join a batch that waits before those who need one of their own, and small
    /// models before large ones. The others are taken in as far as these leave time, and for
    /// ``DispatcherConfiguration/overloadFairPart`` of it at least.
    private func costRefusal() -> ServingError? {
        let fairPart = configuration.overloadFairPart
        guard fairPart < 1, overload.cost > 0, hasWork, overload.costs.isOutbid(overload.cost, fairPart: fairPart)
        else {
            return nil
        }
        return ServingError(
            .queueFull,
            "more is asked for than can be served: requests that take less of the accelerator's time come first",
            retryAfter: .seconds(1)
        )
    }

    /// Refuses what would need a load of its own before its turn.
    ///
    /// First come first taken fills a plan with small batches of many models: each arrival finds just the time that became
    /// free, and spends it on a load. Those whose model is in memory and stays there, or whose batch waits, cost a fraction of
    /// that. So batches that need a load are opened ``DispatcherConfiguration/overloadLoadInterval`` apart, times what is asked
    /// for in excess, and every model has its turn.
    private mutating func loadRefusal(of entry: RequestTable.Entry) -> ServingError? {
        guard configuration.overloadLoadInterval > .zero, needsOwnLoad(entry.model) else { return nil }
        let excess = overload.offered.share(at: state.now) - 1
        overload.isOpening = true
        let wait = overload.openedAt + configuration.overloadLoadInterval.inSeconds * excess - state.now
        guard wait > 0 else { return nil }
        return ServingError(
            .queueFull,
            "more is asked for than can be served: models that are in memory come first, others are loaded one after the other",
            retryAfter: Self.duration(wait)
        )
    }

    /// Whether the executor has something to do: while it waits, nobody takes another's place.
    private var hasWork: Bool { accelerator.isExecuting || plan.batches.contains { $0.readyCount > 0 } }

    /// Seconds one more request of `model` adds to what the executor has to do: less where a batch waits that has room.
    private func addedSeconds(of model: Int) -> Double {
        let estimate = costs.batches[model]
        return (estimate.item + (hasRoom(for: model) ? 0 : estimate.base)) * costs.batches.meanFactor
    }

    /// Whether a batch of `model` waits that has room.
    private func hasRoom(for model: Int) -> Bool {
        let room = server.models[model].maximumBatchSize
        return plan.outlines.contains { $0.model == model && $0.count < room }
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

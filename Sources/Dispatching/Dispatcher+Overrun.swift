import LoadScheduling
public import ServingCore

/// A batch that runs on after the deadlines of all its requests serves none of them, and keeps the executor from all others.
extension Dispatcher {
    /// When the batch that runs, which started at `start`, is ended: some time after the last of its deadlines.
    ///
    /// A client that has gone away waits for nothing. Where deadlines do not bind, the batch has a time of its own.
    func endBy(_ slots: [Int], startedAt start: Double) -> Double {
        guard let overrun = configuration.overrun else { return .infinity }
        let isBound = dropsExpired && !isObserving
        let own = isBound ? start : start + configuration.unboundRunTime.inSeconds
        let waiting = slots.filter { requests[$0].phase == .running }
        let last = waiting.reduce(own) { max($0, requests[$1].deadline) }
        return (waiting.isEmpty ? state.now : last) + overrun.inSeconds
    }

    /// A request of a batch that runs has been left by its client.
    mutating func noteAbandoned(_ slot: Int) {
        guard let batch = accelerator.running.first(where: { $0.slots.contains(slot) }) else { return }
        accelerator.bound(batch.order, by: endBy(batch.slots, startedAt: batch.start))
    }

    /// Ends the batches that run and are overdue, each once.
    mutating func endOverdueBatches(_ actions: inout [DispatchAction]) {
        for batch in accelerator.takeOverdue() {
            counters.terminated += 1
            actions.append(.terminate(batch.order, lane: batch.lane))
        }
    }

    /// For how long a batch that runs should have ended; nil where none is overdue.
    public func overrun(at now: MonotonicInstant) -> Duration? {
        let endBy = accelerator.running.reduce(.infinity) { min($0, $1.endBy) }
        guard Self.seconds(now) >= endBy else { return nil }
        return Self.duration(Self.seconds(now) - endBy)
    }

    /// The refusal of a newcomer while no lane is free, as batches that were ended do not stop: one operator cannot be interrupted.
    var overrunRefusal: ServingError? {
        guard let overrun = configuration.overrun?.inSeconds, !accelerator.hasFreeLane else { return nil }
        let isStuck = accelerator.running.allSatisfy { $0.isTerminated && state.now >= $0.endBy + overrun }
        guard isStuck, let running = accelerator.running.first else { return nil }
        return ServingError(
            .engineUnavailable,
            "a run of \(catalog.modelIDs[running.model]) was ended and has not stopped yet: nothing else can run meanwhile",
            retryAfter: .seconds(1)
        )
    }
}

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

    /// A request of the batch that runs has been left by its client.
    mutating func noteAbandoned() {
        guard let batch = running else { return }
        let endBy = endBy(batch.slots, startedAt: batch.start)
        running?.endBy = min(batch.endBy, endBy)
    }

    /// Ends the batch that runs, once, if it is overdue.
    mutating func endOverdueBatch(_ actions: inout [DispatchAction]) {
        // Asked at each event: nothing is copied unless it is so.
        guard state.now >= running?.endBy ?? .infinity, let batch = running, !batch.isTerminated else { return }
        running?.isTerminated = true
        counters.terminated += 1
        actions.append(.terminate(batch.order))
    }

    /// When the batch that runs has to be looked at.
    var nextOverrun: Double { running.map { $0.isTerminated ? .infinity : $0.endBy } ?? .infinity }

    /// For how long the batch that runs should have ended; nil where none is overdue.
    public func overrun(at now: MonotonicInstant) -> Duration? {
        guard let running, Self.seconds(now) >= running.endBy else { return nil }
        return Self.duration(Self.seconds(now) - running.endBy)
    }

    /// The refusal of a newcomer while a batch that was ended does not stop: one operator cannot be interrupted.
    var overrunRefusal: ServingError? {
        guard running?.isTerminated ?? false, let overrun = configuration.overrun, let running,
            state.now >= running.endBy + overrun.inSeconds
        else { return nil }
        return ServingError(
            .engineUnavailable,
            "a run of \(catalog.modelIDs[running.model]) was ended and has not stopped yet: nothing else can run meanwhile",
            retryAfter: .seconds(1)
        )
    }
}

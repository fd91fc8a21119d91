import ServingCore
import Synchronization

/// What the reaper asks of an exchange.
extension HTTPExchange {
    /// What is to be done about an exchange after a look at it.
    enum Look {
        case nothing
        /// Its connection is suspended for a while now: libmicrohttpd does not notice when the client goes.
        case watch
        /// Its body has stopped coming: the client may be gone.
        case peek
    }

    /// How long a body must have stopped before its client can be taken for gone.
    ///
    /// What the kernel has handed to libmicrohttpd reaches us within this time, however busy the machine is.
    static let settlingTime = Duration.milliseconds(250)

    /// Looks after the exchange at `now`.
    func reap(at now: MonotonicInstant) -> Look {
        enum Next { case done(Look), tooSlow }
        var arriving: (allowance: any BodyAllowance, received: Int)?
        let next: Next = state.withLock {
            if $0.phase == .receivingBody, let allowance = $0.allowance { arriving = (allowance, $0.received) }
            if $0.suspension != .none { $0.watch.held(at: now) }
            switch ($0.phase, $0.suspension) {
            case (.receivingBody, .paced): return .done(watchOnce(&$0))
            case (.complete, .awaitingAnswer): return .done(lookAtWaiting(&$0))
            case (.receivingBody, .none):
                let stopped = $0.watch.look(received: $0.received, at: now)
                let isFine = $0.watch.isFine(isPaced: $0.bucket != nil, at: now, server.configuration)
                guard isFine else { return .tooSlow }
                return .done(stopped > Self.settlingTime ? .peek : .nothing)
            // Answered already: it only waits for its client to close.
            case (.draining, _): return .done(.peek)
            default: return .done(.nothing)
            }
        }
        if let arriving { arriving.allowance.progressed(to: arriving.received, at: now) }
        switch next {
        case .done(let look): return look
        case .tooSlow:
            answerTooSlow()
            return .nothing
        }
    }

    /// The client is gone: gives the exchange up, whether it is suspended at the moment or between two suspensions.
    func clientGone() {
        state.withLock {
            switch $0.phase {
            case .head, .receivingBody, .complete:
                $0.isAborted = true
                resumeIfSuspended(&$0)
            case .answering, .interrupting, .draining, .over: break
            }
        }
    }

    /// A wait for the answer is watched when it is seen a second time: most are over before that.
    private func lookAtWaiting(_ state: inout State) -> Look {
        guard state.seenSuspension == state.suspensionCount else {
            state.seenSuspension = state.suspensionCount
            return .nothing
        }
        return watchOnce(&state)
    }

    /// One watch serves all suspensions of an exchange, since the news is kept whenever it comes.
    private func watchOnce(_ state: inout State) -> Look {
        guard !state.isWatched else { return .nothing }
        state.isWatched = true
        return .watch
    }

    private func answerTooSlow() {
        let error = ServingError(.requestTimeout, "the body arrives too slowly")
        if answer({ [self] in server.handler.response(to: error, on: self) }) {
            server.handler.noticed(.bodyTooSlow)
        }
    }
}

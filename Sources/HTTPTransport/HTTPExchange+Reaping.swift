import ServingCore
import Synchronization

/// What the reaper asks of an exchange.
extension HTTPExchange {
    /// Looks after the exchange at `now`; says whether its client should be watched because libmicrohttpd does not look.
    func reap(at now: MonotonicInstant) -> Bool {
        enum Next { case nothing, watch, tooSlow }
        let next: Next = state.withLock {
            switch $0.phase {
            case .receivingBody:
                guard $0.suspension == .none else {
                    $0.watch.held(at: now)
                    return .watch
                }
                let isPaced = $0.bucket != nil
                let isFine = $0.watch.isFine(received: $0.received, isPaced: isPaced, at: now, server.configuration)
                return isFine ? .nothing : .tooSlow
            case .complete: return $0.suspension == .awaitingAnswer ? .watch : .nothing
            default: return .nothing
            }
        }
        if next == .tooSlow { answerTooSlow() }
        return next == .watch
    }

    /// The client of a suspended connection is gone: gives the exchange up.
    func clientGone() {
        state.withLock {
            guard $0.suspension != .none else { return }
            $0.isAborted = true
            resumeIfSuspended(&$0)
        }
    }

    private func answerTooSlow() {
        let error = ServingError(.requestTimeout, "the body arrives too slowly")
        answer { [server, head] in server.handler.response(to: error, head: head) }
    }
}

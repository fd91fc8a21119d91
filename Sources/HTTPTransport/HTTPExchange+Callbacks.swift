import BandwidthAllocation
import ServingCore
import Synchronization

/// What libmicrohttpd calls, on the connection's thread; false closes the connection.
extension HTTPExchange {
    /// The head is there.
    func begin() -> Bool {
        server.exchangeBegan()
        peer.begin(self)
        let verdict = server.handler.receive(head: head, on: self)
        return state.withLock { state -> (@Sendable () -> HTTPResponse)?? in
            state.isInCallback = false
            guard !state.isAborted else { return .some(nil) }
            if case .answer(let response) = verdict, !state.isAnswered {
                state.isAnswered = true
                state.pending = { response }
            }
            guard declaredBytes > 0 else {
                // Answered at the head, a request without a body would lose its connection: the next callback answers.
                state.phase = .complete
                return .none
            }
            guard let pending = state.pending.take() else {
                state.phase = .receivingBody
                return .none
            }
            state.phase = .answering
            return .some(pending)
        }.map { make in make.map { send($0(), isEarly: true) } ?? false } ?? true
    }

    /// A piece of the body is there; `unread` is set to how much of it is left for later.
    func bodyArrived(_ piece: UnsafeRawBufferPointer, unread: inout Int) -> Bool {
        guard coversBody(with: piece.count), let taken = takeBody(piece) else { return drop(piece, unread: &unread) }
        unread = piece.count - taken
        return bodyTaken(taken, unread: unread)
    }

    /// The request is complete, or the connection was resumed.
    func requestComplete() -> Bool {
        enum Next { case deliver(ByteRegion), settle, wait, close }
        let next: Next = state.withLock {
            guard !$0.isAborted else { return .close }
            switch $0.phase {
            case .receivingBody where $0.received < declaredBytes:
                // A call without data also follows a resume: only the count tells where the body ends.
                return .wait
            case .head, .answering, .draining, .over: return .close
            case .interrupting: return .wait
            case .receivingBody, .complete: break
            }
            $0.phase = .complete
            guard $0.pending == nil, !$0.isDelivered else { return .settle }
            $0.isDelivered = true
            $0.isInCallback = true
            return .deliver($0.body.take()?.region ?? .empty)
        }
        switch next {
        case .deliver(let body):
            server.handler.receive(body: body, on: self)
            return settle()
        case .settle: return settle()
        case .wait: return true
        case .close: return false
        }
    }

    /// The request is over: its answer was written, or its connection failed.
    func requestOver(isComplete: Bool) {
        // What leaves is let go of outside the lock: the last owner of a body or an answer gives its memory back.
        let left = state.withLock {
            let isAnswered = $0.phase == .answering && isComplete && !$0.isAborted
            if $0.phase == .draining { server.interruptionDidEnd() }
            $0.phase = .over
            $0.suspension = .none
            return (isAnswered, $0.pending.take(), $0.body.take(), $0.allowance.take())
        }
        let isAnswered = left.0
        end(isAnswered ? .answered : .aborted)
    }

    /// Sends the answer if it is there, else suspends the connection until it is.
    private func settle() -> Bool {
        let isStopping = server.isStopping.load(ordering: .sequentiallyConsistent)
        var isClosing = false
        let pending: (@Sendable () -> HTTPResponse)? = state.withLock {
            $0.isInCallback = false
            isClosing = $0.isAborted
            guard !isClosing else { return nil }
            if isStopping { answerForStop(&$0) }
            guard let pending = $0.pending.take() else {
                suspend(&$0, .awaitingAnswer)
                return nil
            }
            $0.phase = .answering
            return pending
        }
        return pending.map { send($0(), isEarly: false) } ?? !isClosing
    }

    /// Queues an answer; `isEarly` where the request's body was not read.
    private func send(_ response: HTTPResponse, isEarly: Bool) -> Bool {
        peer.answering(deadline: server.writeDeadline(response.bodyByteCount), lingers: isEarly)
        let closing = isEarly || server.isDraining.load(ordering: .relaxed)
        return connection.queue(server.handler.completed(response, for: head), closing: closing)
    }
}

public import ServingCore
import BandwidthAllocation
import Synchronization

extension HTTPExchange {
    /// Answers the request; from any thread, once. Returns false, and does nothing, where an answer was given before or the
    /// exchange is over.
    ///
    /// `make` runs on the connection's own thread, so that writing a large answer's text does not hold up the caller; only where
    /// body bytes are still awaited it runs on the calling thread. The answer then goes out at once, and the connection is closed.
    @discardableResult
    public func answer(_ make: @escaping @Sendable () -> HTTPResponse) -> Bool {
        enum Next { case nothing, interrupt, refused }
        let next: Next = state.withLock {
            guard !$0.isAnswered, !$0.isAborted, $0.phase != .over else { return .refused }
            $0.isAnswered = true
            if $0.phase == .receivingBody, !$0.isInCallback, $0.suspension == .none {
                $0.phase = .interrupting
                return .interrupt
            }
            $0.pending = make
            resumeIfSuspended(&$0)
            return .nothing
        }
        if next == .interrupt { interrupt(with: make()) }
        return next != .refused
    }

    /// Holds the upload to `rate` from now on, nil lets it run free; from any thread.
    ///
    /// A body that is being held is looked at again at the next tick of the pacer.
    public func setUploadRate(_ rate: BitsPerSecond?) {
        let now = server.clock()
        state.withLock {
            guard let rate else { return $0.bucket = nil }
            if $0.bucket == nil {
                $0.bucket = TokenBucket(rate: rate, startingAt: now)
            } else {
                $0.bucket?.setRate(rate, at: now)
            }
        }
    }

    /// Closes the connection without an answer, or in the middle of one; from any thread.
    public func abort() {
        let isSuspended = state.withLock {
            $0.isAborted = true
            return resumeIfSuspended(&$0)
        }
        // Resumed, the connection's thread closes it. Else the thread may be waiting for bytes: end them.
        if !isSuspended { peer.cut() }
    }

    /// Gives the answer of a server that is stopping, unless there is one: nothing may be suspended any more.
    func answerForStop(_ state: inout State) {
        guard !state.isAnswered else { return }
        state.isAnswered = true
        state.pending = { [self] in server.drainingResponse(self) }
    }

    /// Suspends the connection, under the lock so that nobody can resume it before; only in a callback.
    func suspend(_ state: inout State, _ reason: Suspension) {
        state.suspension = reason
        state.suspensionCount += 1
        if reason == .paced { state.heldSince = server.clock() }
        connection.suspend()
    }

    /// Ends a suspension, under the lock so that it ends once; says whether there was one.
    @discardableResult
    func resumeIfSuspended(_ state: inout State) -> Bool {
        guard state.suspension != .none else { return false }
        state.suspension = .none
        if let since = state.heldSince.take() { state.held += max(since.duration(to: server.clock()), .zero) }
        connection.resume()
        return true
    }

    /// Writes an answer while the body is still arriving, which libmicrohttpd cannot, and ends our side of the connection.
    ///
    /// What still arrives is dropped for a while, so that the client reads the answer rather than a reset.
    func interrupt(with response: HTTPResponse) {
        let deadline = server.clock().advanced(by: server.configuration.lingerTime)
        let bytes = server.handler.completed(response, for: head).wireBytes(isHead: head.method == "HEAD")
        if let isSent = peer.sendLast(bytes, lingerUntil: deadline) { lastAnswerSent(isSent) }
    }

    /// That answer was written, or could not be.
    func lastAnswerSent(_ isSent: Bool) {
        state.withLock {
            if $0.phase == .interrupting {
                $0.phase = .draining
                server.interruptionBegan()
            }
            if !isSent { $0.isAborted = true }
        }
        if !isSent { peer.cut() }
        end(isSent ? .answered : .aborted)
    }

    /// Tells the handler that the exchange is over, unless it was told before.
    func end(_ end: ExchangeEnd) {
        let wasEnded = state.withLock { state in
            defer { state.isEnded = true }
            return state.isEnded
        }
        guard !wasEnded else { return }
        server.handler.ended(self, end)
        state.withLock { $0.context = nil }
        server.exchangeDidEnd()
    }
}

import BandwidthAllocation
import ServingCore
import Synchronization

/// The body's way in: taken at the granted rate, or dropped once an answer has gone out.
extension HTTPExchange {
    /// Whether there is memory for `count` more bytes of the body; where there is none, a 503 is what is answered next.
    func coversBody(with count: Int) -> Bool {
        // Only this thread appends: what was received does not change between two looks.
        let (isWanted, storage, allowance, received) = state.withLock {
            ($0.phase == .receivingBody && $0.pending == nil, $0.body, $0.allowance, $0.received)
        }
        guard isWanted else { return true }
        guard allowance?.covers(received + count) ?? true else {
            answerShortOfMemory(ServingError(.queueFull, "the bodies of requests fill the memory set aside for them"))
            return false
        }
        guard storage == nil else { return true }
        do throws(ServingError) {
            let storage = try ByteStorage(checkedCapacity: declaredBytes, companion: allowance)
            state.withLock { if $0.phase == .receivingBody { $0.body = storage } }
            return true
        } catch {
            answerShortOfMemory(error)
            return false
        }
    }

    /// Copies as much of `piece` as may flow now and says how much, or nil where the body is not wanted any more.
    func takeBody(_ piece: UnsafeRawBufferPointer) -> Int? {
        // Only this thread appends, and the storage is handed on only when the body is complete: no lock while copying.
        let (storage, allowance): (ByteStorage?, Int) = state.withLock {
            guard $0.phase == .receivingBody, !$0.isAborted, $0.pending == nil else { return (nil, 0) }
            guard let storage = $0.body else { return (nil, 0) }
            $0.isInCallback = true
            if hasArrived(declaredBytes - $0.received - piece.count, $0) { $0.bucket = nil }
            return (storage, $0.bucket?.take(upTo: piece.count, at: server.clock()) ?? piece.count)
        }
        guard let storage else { return nil }
        return storage.append(UnsafeRawBufferPointer(rebasing: piece.prefix(allowance)))
    }

    /// Counts what was taken, and suspends the connection where something is left `unread`. False closes the connection.
    func bodyTaken(_ count: Int, unread: Int) -> Bool {
        let isHeld = unread > 0
        let isStopping = server.isStopping.load(ordering: .sequentiallyConsistent)
        enum Next { case goOn, hold, answer(@Sendable () -> HTTPResponse), close }
        let next: Next = state.withLock {
            $0.isInCallback = false
            $0.received += count
            $0.unread = unread
            guard !$0.isAborted else { return .close }
            if isStopping && isHeld { answerForStop(&$0) }
            if let pending = takeInterruption(&$0) { return .answer(pending) }
            guard isHeld else { return .goOn }
            suspend(&$0, .paced)
            return .hold
        }
        switch next {
        case .goOn: break
        case .hold: server.pacer.hold(self)
        case .answer(let make): interrupt(with: make())
        case .close: return false
        }
        return true
    }

    /// Drops a piece of a body that was answered before its end, writing the answer first where that is still to be done.
    func drop(_ piece: UnsafeRawBufferPointer, unread: inout Int) -> Bool {
        unread = 0
        if let make = state.withLock({ takeInterruption(&$0) }) { interrupt(with: make()) }
        return state.withLock {
            $0.dropped += piece.count
            return !$0.isAborted && $0.dropped <= server.configuration.lingerBytes
        }
    }

    /// Lets a held body go on if enough may flow now; says whether it stays held.
    func staysHeld(at now: MonotonicInstant) -> Bool {
        state.withLock {
            guard $0.suspension == .paced else { return false }
            if let bucket = $0.bucket {
                let rest = declaredBytes - $0.received
                guard !hasArrived(rest - server.configuration.connectionMemoryBytes / 2, $0) else {
                    resumeIfSuspended(&$0)
                    return false
                }
                guard bucket.available(at: now) >= min(rest, UploadStep.bytes(of: bucket.rate)) else { return true }
            }
            resumeIfSuspended(&$0)
            return false
        }
    }

    /// Whether the last `count` bytes of the body lie in the kernel's buffer already: they use nothing of the uplink any more.
    private func hasArrived(_ count: Int, _ state: borrowing State) -> Bool {
        // Twice, since that is what the kernel takes a buffer's size for.
        guard state.bucket != nil, count <= 2 * server.configuration.receiveBufferBytes else { return false }
        return count <= 0 || count <= peer.bufferedBytes
    }

    private func answerShortOfMemory(_ error: ServingError) {
        var error = error
        error.retryAfter = .seconds(1)
        let response = server.handler.response(to: error, on: self)
        let isFirst = state.withLock {
            guard !$0.isAnswered, $0.phase == .receivingBody else { return false }
            $0.isAnswered = true
            $0.pending = { response }
            return true
        }
        if isFirst { server.handler.noticed(.bodyMemoryShort) }
    }

    /// The answer to give in the middle of the body, if there is one; the exchange is then ours to write on.
    private func takeInterruption(_ state: inout State) -> (@Sendable () -> HTTPResponse)? {
        guard state.phase == .receivingBody, let pending = state.pending.take() else { return nil }
        state.phase = .interrupting
        return pending
    }
}

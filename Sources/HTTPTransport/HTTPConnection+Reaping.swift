import ServingCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the reaper and the acceptor ask of a connection.
extension HTTPConnection {
    /// What is to be done about a connection after a look at it.
    enum Look {
        case nothing
        /// Its time is over, or its client has left.
        case cut
        /// Its client takes too little of its answer.
        case answerStuck
        /// It waits for a head for a while now: libmicrohttpd may miss that its client ends it.
        case watch
        /// It has a request under way, which is looked after by itself.
        case exchange(HTTPExchange)
    }

    /// Looks after the connection at `now`.
    func look(at now: MonotonicInstant, _ configuration: HTTPServerConfiguration) -> Look {
        state.withLock {
            guard $0.descriptor >= 0 else { return .nothing }
            if $0.deadline < now { return .cut }
            if Self.isAnswerStuck(&$0, at: now, configuration) { return .answerStuck }
            if let exchange = $0.exchange { return .exchange(exchange) }
            return tls == nil ? Self.lookAtWaiting(&$0, at: now) : .nothing
        }
    }

    /// The client has ended its side, or will be found not to have.
    func mayHaveEnded(at now: MonotonicInstant) {
        state.withLock { $0.maybeEndedSince = now }
    }

    /// Since when the connection waits for a head; nil while it has one.
    var waitingSince: MonotonicInstant? { state.withLock { $0.waitingSince } }

    /// Ends the connection if it still waits for a head; says whether it did.
    func evict() -> Bool {
        state.withLock {
            guard $0.descriptor >= 0, $0.waitingSince.take() != nil else { return false }
            $0.deadline = .distantFuture
            shutdown($0.descriptor, Int32(SHUT_RDWR))
            return true
        }
    }

    /// libmicrohttpd 0.9.75 misses an end that the kernel reported together with the bytes before it: a connection without a
    /// request is ended here, once what came before the end has had time to become one.
    private static func lookAtWaiting(_ state: inout State, at now: MonotonicInstant) -> Look {
        let limit = now.advanced(by: .zero - HTTPExchange.settlingTime)
        if let since = state.maybeEndedSince, since < limit {
            state.maybeEndedSince = nil
            if isAtEnd(state.descriptor) { return .cut }
        }
        guard !state.isWatched, let since = state.waitingSince, since < limit else { return .nothing }
        return .watch
    }

    private static func isAnswerStuck(
        _ state: inout State,
        at now: MonotonicInstant,
        _ configuration: HTTPServerConfiguration
    ) -> Bool {
        guard state.answer != nil else { return false }
        let descriptor = state.descriptor
        return state.answer?.isStuck(
            at: now,
            window: configuration.answerStallTime,
            leastBytesPerSecond: configuration.minimumBodyRate,
            taken: { acknowledgedBytes(descriptor) }
        ) ?? false
    }

    /// How many bytes the peer has acknowledged; nil where the kernel does not count them.
    private static func acknowledgedBytes(_ descriptor: Int32) -> UInt64? {
        // `tcpi_bytes_acked` of `struct tcp_info` (linux/tcp.h, since 4.1), which glibc's own declaration lacks.
        let offset = 120
        return withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { info in
            var size = socklen_t(info.count)
            guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, info.baseAddress, &size) == 0,
                Int(size) >= offset + 8
            else { return nil }
            return info.load(fromByteOffset: offset, as: UInt64.self)
        }
    }
}

import ServingCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Keeps connections readable for a while after an answer that came before their body.
///
/// Closed with unread bytes, a socket resets its peer, which then may lose the answer. libmicrohttpd closes at once, so a
/// copy of the descriptor keeps the connection; what arrives is read and dropped within limits of time, bytes and number.
final class LingeringClose: Sendable {
    private let configuration: HTTPServerConfiguration
    private let clock: @Sendable () -> MonotonicInstant
    private let wake = WakeEvent()
    private let state = Mutex(State())

    private struct Socket {
        var descriptor: Int32
        var deadline: MonotonicInstant
        var remainingBytes: Int
    }

    private struct State {
        var added: [Socket] = []
        /// Sockets added or being read.
        var count = 0
        var isStopped = false
        var thread: BackgroundThread?
    }

    init(_ configuration: HTTPServerConfiguration, clock: @escaping @Sendable () -> MonotonicInstant) {
        self.configuration = configuration
        self.clock = clock
    }

    /// Starts the thread.
    func start() {
        let thread = BackgroundThread("http-linger") { [self] in run() }
        state.withLock { $0.thread = thread }
    }

    /// Takes no more sockets, lets those that linger come to their end, and waits for the thread; no longer than the linger
    /// time.
    func stop() {
        let thread = state.withLock {
            $0.isStopped = true
            return $0.thread.take()
        }
        wake.signal()
        thread?.join()
    }

    /// Lingers on a copy of `descriptor`, unless too many sockets linger already.
    func adopt(copyOf descriptor: Int32) {
        guard descriptor >= 0 else { return }
        let isAdopted = state.withLock {
            guard !$0.isStopped, $0.count < configuration.lingerConnections else { return false }
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else { return false }
            let deadline = clock().advanced(by: configuration.lingerTime)
            $0.added.append(
                Socket(descriptor: copy, deadline: deadline, remainingBytes: configuration.lingerBytes)
            )
            $0.count += 1
            return true
        }
        if isAdopted { wake.signal() }
    }

    private func run() {
        var sockets: [Socket] = []
        while true {
            let isStopped = state.withLock {
                sockets += $0.added
                $0.added.removeAll()
                return $0.isStopped
            }
            if isStopped && sockets.isEmpty { return }
            waitForBytes(sockets)
            sockets = sockets.compactMap(read)
        }
    }

    private func waitForBytes(_ sockets: [Socket]) {
        var entries = [pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)]
        entries += sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        let next = sockets.map(\.deadline).min()
        let timeout = next.map { max(.zero, clock().duration(to: $0)) }
        _ = poll(&entries, nfds_t(entries.count), WakeEvent.milliseconds(timeout))
        wake.clear()
    }

    /// Drops what has arrived on `socket`; nil, and closed, where it has ended or used up its limits.
    private func read(_ socket: Socket) -> Socket? {
        var socket = socket
        let received = withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) {
            recv(socket.descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
        let isWaiting = received < 0 && (errno == EAGAIN || errno == EINTR)
        socket.remainingBytes -= max(0, received)
        if (received > 0 || isWaiting) && socket.remainingBytes > 0 && clock() < socket.deadline { return socket }
        close(socket.descriptor)
        state.withLock { $0.count -= 1 }
        return nil
    }
}

import CMicroHTTPD
import ServingCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Cuts connections that are too slow, and notices clients that go away while their connection is suspended.
///
/// libmicrohttpd's own timeout restarts with every byte, and it does not look at suspended connections at all.
final class ConnectionReaper: Sendable {
    private let configuration: HTTPServerConfiguration
    private let connections: ConnectionTable
    private let handler: any HTTPRequestHandler
    private let clock: @Sendable () -> MonotonicInstant
    private let wakeEvent = WakeEvent()
    private let epoll: Int32
    private let isStopped = Atomic(false)
    private let thread = Mutex<BackgroundThread?>(nil)

    /// No connection has this id: it marks the wake-up.
    private static let wakeID: UInt64 = 0

    init(
        _ configuration: HTTPServerConfiguration,
        connections: ConnectionTable,
        handler: any HTTPRequestHandler,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) {
        self.configuration = configuration
        self.connections = connections
        self.handler = handler
        self.clock = clock
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(epoll >= 0, "no descriptor is left for watching connections")
        control(EPOLL_CTL_ADD, wakeEvent.descriptor, EPOLLIN.rawValue, id: Self.wakeID)
    }

    deinit {
        close(epoll)
    }

    /// Starts the thread.
    func start() {
        thread.withLock { $0 = BackgroundThread("http-reaper") { [self] in run() } }
    }

    /// Ends the thread and waits for it.
    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        wake()
        thread.withLock { $0.take() }?.join()
    }

    /// Ends the thread's sleep: there is a connection to look after.
    func wake() {
        wakeEvent.signal()
    }

    /// Forgets a socket that is about to be closed.
    func unwatch(_ descriptor: Int32) {
        control(EPOLL_CTL_DEL, descriptor, 0, id: 0)
    }

    private func run() {
        while !isStopped.load(ordering: .sequentiallyConsistent) {
            waitForEvents(connections.isEmpty ? nil : configuration.reapingTick)
            let now = clock()
            for connection in connections.all { look(at: connection, now) }
        }
    }

    private func look(at connection: HTTPConnection, _ now: MonotonicInstant) {
        switch connection.look(at: now, configuration) {
        case .nothing: break
        case .cut: connection.cut()
        case .answerStuck:
            connection.cut()
            handler.noticed(.answerUnread)
        case .watch: watch(connection)
        case .exchange(let exchange): look(at: exchange, of: connection, now)
        }
    }

    private func look(at exchange: HTTPExchange, of connection: HTTPConnection, _ now: MonotonicInstant) {
        switch exchange.reap(at: now) {
        case .nothing: break
        case .watch: watch(connection)
        // 0.9.75 misses an end that comes together with the last bytes before it.
        case .peek: if connection.isAtEnd { exchange.abort() }
        }
    }

    private func watch(_ connection: HTTPConnection) {
        connection.watch { descriptor, again in
            // Edge-triggered: modifying reports again what happened before this exchange was watched.
            let events = EPOLLET.rawValue | EPOLLRDHUP.rawValue
            control(again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, events, id: connection.id)
        }
    }

    /// Lets a TLS handshake that waits go on when its client sends something or ends.
    func watchForInput(_ connection: HTTPConnection) {
        connection.watch { descriptor, again in
            let events = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue
            control(again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, events, id: connection.id)
        }
    }

    private func waitForEvents(_ timeout: Duration?) {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 64) { events in
            let count = epoll_wait(epoll, events.baseAddress, 64, WakeEvent.milliseconds(timeout))
            for event in events.prefix(Int(max(0, count))) { handle(event) }
        }
    }

    private func handle(_ event: epoll_event) {
        guard event.data.u64 != Self.wakeID else { return wakeEvent.clear() }
        let gone = EPOLLHUP.rawValue | EPOLLERR.rawValue | (configuration.abortsOnHalfClose ? EPOLLRDHUP.rawValue : 0)
        guard let connection = connections[event.data.u64] else { return }
        guard !connection.resumeHandshake() else { return }
        guard let exchange = connection.exchange else { return connection.mayHaveEnded(at: clock()) }
        if event.events & gone != 0 { exchange.clientGone() }
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32, id: UInt64) {
        var event = epoll_event(events: events, data: epoll_data_t(u64: id))
        epoll_ctl(epoll, operation, descriptor, &event)
    }
}

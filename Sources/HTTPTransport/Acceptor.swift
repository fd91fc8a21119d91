import ServingCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Accepts connections on one thread and hands each to the daemon, up to the connection limit.
final class Acceptor: Sendable {
    /// The port that is listened on.
    let port: Int

    private let server: HTTPServerContext
    private let daemon: MHDDaemon
    private let isStopped = Atomic(false)
    private let wake = WakeEvent()
    private let thread = Mutex<BackgroundThread?>(nil)

    /// Starts to accept on `socket`, which is closed when the acceptor stops.
    init(_ socket: consuming ListeningSocket, daemon: MHDDaemon, server: HTTPServerContext) {
        self.daemon = daemon
        self.server = server
        port = socket.port
        // The thread owns the socket from here on: a closure cannot, so the box is what it captures.
        let box = Box(socket)
        thread.withLock { $0 = BackgroundThread("http-accept") { [self] in run(box) } }
    }

    /// Stops accepting and closes the listening socket; waits until both are done.
    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        wake.signal()
        thread.withLock { $0.take() }?.join()
    }

    private func run(_ box: Box) {
        guard let socket = box.take() else { return }
        var spare = SpareDescriptor()
        var newcomers: [Newcomer] = []
        while !isStopped.load(ordering: .sequentiallyConsistent) {
            waitForConnection(socket.descriptor, newcomers)
            newcomers = newcomers.filter { !settle($0) }
            while !isStopped.load(ordering: .relaxed), acceptOne(socket.descriptor, &spare, &newcomers) {}
        }
        for newcomer in newcomers { hand(newcomer) }
    }

    private func waitForConnection(_ descriptor: Int32, _ newcomers: [Newcomer]) {
        let awaited = [descriptor, wake.descriptor] + newcomers.map(\.descriptor)
        var entries = awaited.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let timeout = newcomers.map(\.deadline).min().map { max(.zero, server.clock().duration(to: $0)) }
        _ = poll(&entries, nfds_t(entries.count), WakeEvent.milliseconds(timeout))
    }

    /// Accepts one connection; false where none waits or none can be taken now.
    private func acceptOne(
        _ listening: Int32,
        _ spare: inout SpareDescriptor,
        _ newcomers: inout [Newcomer]
    ) -> Bool {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let accepted = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(listening, $0, &length) }
        }
        guard accepted >= 0 else { return acceptFailed(errno, listening, &spare) }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        let newcomer = Newcomer(
            descriptor: accepted,
            address: storage,
            addressLength: length,
            deadline: server.clock().advanced(by: Newcomer.patience)
        )
        if isWelcome(newcomer), !settle(newcomer) { newcomers.append(newcomer) }
        return true
    }

    /// Whether to try again at once after `accept` failed with `error`.
    private func acceptFailed(_ error: Int32, _ listening: Int32, _ spare: inout SpareDescriptor) -> Bool {
        switch error {
        case EINTR, ECONNABORTED: return true
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            server.handler.noticed(.acceptFailed)
            var isRefused = false
            spare.lend {
                let accepted = accept(listening, nil, nil)
                guard accepted >= 0 else { return }
                isRefused = true
                refuse(accepted)
            }
            // The connection stays in the backlog and `poll` would return at once: wait for something to be given back.
            if !isRefused { wake.wait(atMost: .milliseconds(50)) }
            return isRefused
        default: return false
        }
    }

    /// Counts a connection, or refuses it where too many are open.
    private func isWelcome(_ newcomer: Newcomer) -> Bool {
        let open = server.openConnections.wrappingAdd(1, ordering: .relaxed).newValue
        if open <= server.configuration.connectionLimit || makeRoom(for: open) { return true }
        server.openConnections.wrappingSubtract(1, ordering: .relaxed)
        refuse(newcomer.descriptor)
        return false
    }

    /// Has a connection served, or ends it where its client speaks TLS and this server does not; false where its client has said
    /// nothing yet.
    private func settle(_ newcomer: Newcomer) -> Bool {
        // Where TLS is spoken, the first byte is looked at when it is received.
        guard server.configuration.tls == nil else {
            hand(newcomer)
            return true
        }
        switch newcomer.speech(at: server.clock()) {
        case .nothingYet: return false
        case .other: hand(newcomer)
        case .tls:
            server.openConnections.wrappingSubtract(1, ordering: .relaxed)
            server.handler.noticed(.tlsOnPlain)
            let error = ServingError(.malformedHTTP, "this port speaks plain HTTP: the address begins with http://")
            end(newcomer.descriptor, sending: server.handler.response(to: error, head: nil).wireBytes(isHead: false))
        }
        return true
    }

    private func hand(_ newcomer: Newcomer) {
        let isTaken = withUnsafePointer(to: newcomer.address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                daemon.add(descriptor: newcomer.descriptor, address: $0, length: newcomer.addressLength)
            }
        }
        if !isTaken { server.openConnections.wrappingSubtract(1, ordering: .relaxed) }
    }

    /// Ends the connection that has waited longest for a request, so that clients that ask for nothing keep out none that do.
    ///
    /// What is ended takes a moment to go: few connections more than the limit are open meanwhile.
    private func makeRoom(for open: Int) -> Bool {
        guard open <= server.configuration.connectionLimit + Self.leavingConnections else { return false }
        let limit = server.clock().advanced(by: .zero - HTTPExchange.settlingTime)
        guard server.connections.longestWaiting(since: limit)?.evict() ?? false else { return false }
        server.handler.noticed(.connectionEvicted)
        return true
    }

    /// How many connections may be about to close beside as many as may be open.
    static let leavingConnections = 32

    /// Tells one client too many so, rather than let it wait.
    private func refuse(_ descriptor: Int32) {
        server.handler.noticed(.connectionRefused)
        let error = ServingError(.queueFull, "too many connections are open", retryAfter: .seconds(1))
        let answer = server.handler.response(to: error, head: nil).wireBytes(isHead: false)
        // A client that speaks TLS understands nothing but an alert before the handshake.
        end(descriptor, sending: server.configuration.tls == nil ? answer : TLSConnection.refusal)
    }

    private func end(_ descriptor: Int32, sending bytes: [UInt8]) {
        send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        shutdown(descriptor, Int32(SHUT_WR))
        server.lingering.adopt(copyOf: descriptor)
        close(descriptor)
    }

    /// Carries the socket into the thread.
    private final class Box: Sendable {
        private let socket: Mutex<ListeningSocket?>
        init(_ socket: consuming ListeningSocket) { self.socket = Mutex(socket) }
        func take() -> ListeningSocket? { socket.withLock { $0.take() } }
    }
}

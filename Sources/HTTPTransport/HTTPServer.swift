public import ServingCore
import Synchronization

/// An HTTP/1.1 server over libmicrohttpd: a fixed number of epoll threads, and answers that may come later from any thread.
public final class HTTPServer: Sendable {
    let context: HTTPServerContext
    let state = Mutex(State())

    struct State {
        var hasStarted = false
        var daemon: MHDDaemon?
        var acceptor: Acceptor?
        var port = 0
    }

    /// Makes a server that is not listening yet.
    ///
    /// `clock` must be monotonic; deadlines and rates are measured on it.
    public init(
        configuration: HTTPServerConfiguration,
        handler: any HTTPRequestHandler,
        clock: @escaping @Sendable () -> MonotonicInstant = { SystemMonotonicClock.now() }
    ) {
        context = HTTPServerContext(configuration: configuration, handler: handler, clock: clock)
    }

    deinit {
        stop(grace: .zero)
    }

    /// Listens and serves; throws where the address cannot be listened on. A server is started once.
    public func start() throws(HTTPServerError) {
        let startedBefore = state.withLock { state in
            defer { state.hasStarted = true }
            return state.hasStarted
        }
        guard !startedBefore else { throw .startedBefore }
        let configuration = context.configuration
        guard configuration.tls == nil || MHDDaemon.hasTLS else { throw .withoutTLS }
        let socket = try ListeningSocket(
            host: configuration.host,
            port: configuration.port,
            receiveBufferBytes: configuration.receiveBufferBytes
        )
        guard let daemon = MHDDaemon(configuration, context: context) else { throw .cannotStart }
        context.pacer.start()
        context.lingering.start()
        context.reaper.start()
        let acceptor = Acceptor(socket, daemon: daemon, server: context)
        state.withLock {
            $0.daemon = daemon
            $0.acceptor = acceptor
            $0.port = acceptor.port
        }
    }

    /// The port that is listened on; 0 before ``start()``.
    public var port: Int { state.withLock { $0.port } }

    /// How many exchanges were given to the handler and have not ended.
    public var activeExchangeCount: Int { context.activeExchanges.load(ordering: .relaxed) }

    /// How many connections are open.
    public var openConnectionCount: Int { context.openConnections.load(ordering: .relaxed) }

    /// The version of libmicrohttpd that is used: `0.9.75`.
    public static var libraryVersion: String { MHDDaemon.version }
}

import NIOCore
import NIOHTTP1
import NIOPosix

/// Connections to one place; a call takes one that is idle, or a new one. Used on its event loop only.
final class ConnectionPool {
    private let loop: any EventLoop
    private let destination: Destination
    private let source: SocketAddress?
    private var idle: [CallConnection] = []

    /// Connects to `destination`, from `source` where that is given.
    init(loop: any EventLoop, to destination: Destination, from source: SocketAddress? = nil) {
        self.loop = loop
        self.destination = destination
        self.source = source
    }

    /// Sends a call on an idle connection, or on a new one.
    func start(_ call: HTTPCall) {
        if let connection = idle.popLast() { return connection.carry(call) }
        let bound = NIOLoopBound(self, eventLoop: loop)
        let bootstrap = ClientBootstrap(group: loop)
        (source.map { bootstrap.bind(to: $0) } ?? bootstrap)
            .connectTimeout(.seconds(10))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let decoder = HTTPResponseDecoder(
                        leftOverBytesStrategy: .dropBytes,
                        informationalResponseStrategy: .forward
                    )
                    let pipeline = channel.pipeline.syncOperations
                    if let tls = try bound.value.destination.tlsHandler() { try pipeline.addHandler(tls) }
                    try pipeline.addHandler(HTTPRequestEncoder())
                    try pipeline.addHandler(ByteToMessageHandler(decoder))
                    try pipeline.addHandler(CallConnection(pool: bound.value))
                }
            }
            .connect(to: destination.socket)
            .assumeIsolated()
            .whenComplete { result in
                do {
                    try result.get().pipeline.syncOperations.handler(type: CallConnection.self).carry(call)
                } catch {
                    call.end(.broken("no connection: \(TransportFault.description(of: error))"))
                }
            }
    }

    /// A connection has nothing to do.
    func takeBack(_ connection: CallConnection) { idle.append(connection) }

    /// A connection is closed.
    func forget(_ connection: CallConnection) { idle.removeAll { $0 === connection } }

    /// Closes the connections that have nothing to do.
    func close() {
        for connection in idle { connection.abandon() }
    }
}

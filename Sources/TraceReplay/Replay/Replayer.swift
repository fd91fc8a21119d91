import NIOCore
import NIOPosix
import ServingCore

/// Plays a trace against a gateway over real sockets, open loop: each request starts at its time, whatever came of
/// those before it.
public struct Replayer: Sendable {
    private let address: ReplayAddress
    private let options: ReplayOptions

    /// Makes one for a gateway.
    public init(address: ReplayAddress, options: ReplayOptions = ReplayOptions()) {
        self.address = address
        self.options = options
    }

    /// Plays the trace to the end of its last request; `progress` is called once a second.
    ///
    /// - Parameters:
    ///   - interruption: ends the replay early; the report then covers what was sent so far.
    ///   - readFile: gives the bytes of a line's `body_file`.
    /// - Throws: `ServingError` where the gateway cannot be reached, lacks a model of the trace, or a file cannot be read.
    public func play(
        _ trace: Trace,
        interruption: ReplayInterruption = ReplayInterruption(),
        readFile: (String) throws -> [UInt8] = { _ in [] },
        progress: @escaping @Sendable (ReplayProgress) -> Void = { _ in }
    ) async throws -> ReplayReport {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<ReplayReport, any Error>
        do {
            let loop = group.next()
            var target = Destination(socket: try await resolve(on: loop))
            if address.isSecure {
                target.tls = try options.trust.context()
                target.host = address.host
            }
            let destination = target
            let names = Set(trace.requests.map(ReplayBodies.Model.init))
            let metadata = try await ReplayBodies.metadata(of: names, at: address, destination, options, on: loop)
            let bodies = try ReplayBodies(trace, metadata: metadata, readFile: readFile)
            let (address, options) = (address, options)
            let report = try await loop.flatSubmit {
                let run = ReplayRun(trace, bodies, address, destination, options, on: loop, progress: progress)
                let report = run.start()
                let isolated = NIOLoopBound(run, eventLoop: loop)
                interruption.whenInterrupted { loop.execute { isolated.value.interrupt() } }
                return report
            }.get()
            result = .success(report)
        } catch {
            result = .failure(error)
        }
        try await group.shutdownGracefully()
        return try result.get()
    }

    /// The first of the host's addresses that takes a connection, looked up once for all.
    private func resolve(on loop: any EventLoop) async throws -> SocketAddress {
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(.seconds(10))
                .connect(host: address.host, port: address.port).get()
            let found = channel.remoteAddress
            try await channel.close()
            if let found { return found }
        } catch {
            throw ServingError(
                .internalError,
                "\(address.authority) cannot be reached: \(TransportFault.description(of: error))"
            )
        }
        throw ServingError(.internalError, "\(address.authority) cannot be reached")
    }
}

public import Foundation

/// A running `gateway serve` of this build on a free loopback port.
public final class LiveGateway: Sendable {
    /// A gateway whose first line does not name its port.
    public struct NoPort: Error, CustomStringConvertible {
        /// The line.
        public let description: String
    }

    /// The port it listens on.
    public let port: Int
    /// The store it serves from.
    public let store: URL

    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }
    /// The operating system's number of the process.
    public var processID: Int32 { process.processID }

    private let process: LiveGatewayProcess

    /// Starts a gateway and waits until it listens.
    ///
    /// - Parameters:
    ///   - arguments: further arguments of `gateway serve`.
    ///   - store: the store to serve from; nil makes a copy of the demo store.
    /// - Throws: ``LiveGatewayProcess/TimedOut`` where it does not come up; ``LiveGatewayStore/ImportFailed``.
    public init(_ arguments: [String] = [], store: URL? = nil) async throws {
        let folder = if let store { store } else { try await LiveGatewayStore.shared.copy() }
        let started = try LiveGatewayProcess(
            LiveGatewayPaths.gateway,
            ["serve", "--host", "127.0.0.1", "--port", "0", "--store", folder.path] + arguments
        )
        let address = try await started.line(startingWith: "listening on 127.0.0.1:", limit: .seconds(60))
        guard let number = Int(address) else { throw NoPort(description: address) }
        (port, process, self.store) = (number, started, folder)
    }

    /// Sends SIGTERM and waits for the end.
    ///
    /// - Throws: ``LiveGatewayProcess/TimedOut`` after the limit; the gateway is then killed.
    public func stop(limit: Duration = .seconds(40)) async throws -> LiveGatewayProcess.Result {
        process.terminate()
        return try await ended(limit: limit)
    }

    /// Waits for the end of a gateway that something else stops.
    ///
    /// - Throws: ``LiveGatewayProcess/TimedOut`` after the limit; the gateway is then killed.
    public func ended(limit: Duration) async throws -> LiveGatewayProcess.Result {
        try await process.ended(limit: limit)
    }

    /// Runs an acceptance script against this gateway with the arguments given beside `--url`.
    public func accept(_ script: String, _ arguments: [String] = []) async throws -> LiveGatewayProcess.Result {
        try await LiveGatewayProcess.run(
            LiveGatewayPaths.python,
            [LiveGatewayPaths.acceptance.appending(path: script).path, "--url", url] + arguments
        )
    }
}

import ArgumentParser
import Foundation
import Gateway
import Logging
import ServiceLifecycle

/// `gateway serve`: the server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the server.")

    @OptionGroup var common: CommonOptions

    @Option(help: "The address to listen on. Default: 127.0.0.1.")
    var host: String?

    @Option(parsing: .unconditional, help: "The port to listen on; 0 takes any free one. Default: 8080.")
    var port: String?

    @Option(parsing: .unconditional, help: "The hard cap on parameter blocks in accelerator memory.")
    var memoryBytes: String?

    @Option(parsing: .unconditional, help: "The capacity of the uplink as a rate.")
    var uplinkBitsPerSecond: String?

    @Option(parsing: .unconditional, help: "The capacity of the uplink as a bandwidth.")
    var uplinkHz: String?

    @Option(help: "The scheduling policy: partial, whole, lru or edf. Default: partial.")
    var policy: String?

    @Option(help: "What becomes of admission's verdict: enforce or observe. Default: enforce.")
    var mode: String?

    @Option(parsing: .unconditional, help: "The threads that serve connections.")
    var threads: String?

    @Flag(help: "Check the configuration and exit.")
    var check = false

    private var flags: [(name: String, path: String, value: String?)] {
        [
            ("--host", "server.host", host), ("--port", "server.port", port),
            ("--memory-bytes", "memory.bytes", memoryBytes),
            ("--uplink-bits-per-second", "uplink.bits_per_second", uplinkBitsPerSecond),
            ("--uplink-hz", "uplink.hz", uplinkHz),
            ("--policy", "scheduling.policy", policy), ("--mode", "scheduling.mode", mode),
            ("--threads", "server.threads", threads),
        ]
    }

    func run() async throws {
        let loader = try common.loader(flags: flags)
        let configuration = loader.configuration
        try configuration.validate()
        _ = try configuration.existingStore()
        if check {
            try configuration.checkCertificate()
            try CommandOutput.print("the configuration is valid")
            return
        }
        let logger = Self.logger(level: configuration.logLevel, format: configuration.logFormat)
        let signals = ServeSignals(logger: logger)
        let memory = memoryBytes.map { ["--memory-bytes", $0] } ?? []
        let measuring = MeasuringProcess(arguments: common.arguments + memory, logger: logger)
        let service = try GatewayService(
            loader: loader,
            logger: logger,
            measure: measuring.run
        ) { host, port in
            signals.serves()
            LogWriter.standardOutput.write("listening on \(host):\(port)")
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger
            )
        )
        signals.prepare(service, in: group) { [common, flags] in try common.loader(flags: flags) }
        try await group.run()
        LogWriter.standardOutput.flush(atMost: 1)
        if signals.isHurried { throw ExitCode.failure }
    }

    static func logger(level: String, format: LogFormat = .text) -> Logger {
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, writer: .standardError, threshold: .shared, format: format)
        }
        var logger = Logger(label: "gateway")
        logger.logLevel = Logger.Level(rawValue: level) ?? .info
        return logger
    }
}

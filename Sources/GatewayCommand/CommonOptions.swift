import ArgumentParser
import Foundation
import Gateway

/// The options every command takes, and the configuration they lead to.
struct CommonOptions: ParsableArguments {
    @Option(help: "The configuration file (YAML). Default: gateway.yaml in the current folder, where it is there.")
    var config: String?

    @Option(help: "The folder of the block store. Default: store.")
    var store: String?

    @Option(help: "The least severe level that is logged: trace, debug, info, notice, warning, error, critical.")
    var logLevel: String?

    /// The same options for another command of this program.
    var arguments: [String] {
        [("--config", config), ("--store", store), ("--log-level", logLevel)].flatMap { name, value in
            value.map { [name, $0] } ?? []
        }
    }

    /// The defaults, then the file, then the environment, then these flags and `flags`.
    func configuration(flags: [(name: String, path: String, value: String?)] = []) throws -> GatewayConfiguration {
        try loader(flags: flags).configuration
    }

    /// The same with the text of each setting; read anew at each call.
    func loader(flags: [(name: String, path: String, value: String?)]) throws -> ConfigurationLoader {
        var loader = ConfigurationLoader()
        if let config {
            try loader.apply(file: config)
        } else if FileManager.default.fileExists(atPath: "gateway.yaml") {
            try loader.apply(file: "gateway.yaml")
        }
        try loader.apply(environment: ProcessInfo.processInfo.environment)
        for flag in [("--store", "store", store), ("--log-level", "log.level", logLevel)] + flags {
            guard let value = flag.2 else { continue }
            try loader.set(flag.1, to: value, as: flag.0)
        }
        return loader
    }
}

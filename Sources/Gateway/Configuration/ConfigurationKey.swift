/// One key an operator can set, and how its text becomes a value.
///
/// All values arrive as text, from YAML scalars, environment variables and flags alike, so that all three accept and
/// refuse the same things.
public struct ConfigurationKey: Sendable {
    /// The place in the file: `server.port`.
    public let path: String
    /// Reads the text and sets the value; throws ``ConfigurationError`` where the text is not acceptable.
    let apply: @Sendable (inout GatewayConfiguration, String) throws(ConfigurationError) -> Void

    /// The environment variable: `GATEWAY_`, then the path in capitals, without a leading `server.`.
    public var environmentVariable: String { Self.variable(for: path) }

    /// The environment variable of the key at `path`.
    static func variable(for path: String) -> String {
        let name = path.hasPrefix("server.") ? String(path.dropFirst("server.".count)) : path
        return "GATEWAY_" + name.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }
}

extension ConfigurationKey {
    static func integer(
        _ path: String,
        _ range: ClosedRange<Int>,
        _ set: @escaping @Sendable (inout GatewayConfiguration, Int) -> Void
    ) -> ConfigurationKey {
        ConfigurationKey(path: path) { (configuration, text) throws(ConfigurationError) in
            guard let value = Int(text), range.contains(value) else {
                throw ConfigurationError(key: path, problem: "needs a whole number in \(range), found '\(text)'")
            }
            set(&configuration, value)
        }
    }

    static func number(
        _ path: String,
        _ range: ClosedRange<Double>,
        _ set: @escaping @Sendable (inout GatewayConfiguration, Double) -> Void
    ) -> ConfigurationKey {
        ConfigurationKey(path: path) { (configuration, text) throws(ConfigurationError) in
            guard let value = Double(text), range.contains(value) else {
                throw ConfigurationError(key: path, problem: "needs a number in \(range), found '\(text)'")
            }
            set(&configuration, value)
        }
    }

    static func milliseconds(
        _ path: String,
        _ set: @escaping @Sendable (inout GatewayConfiguration, Duration) -> Void
    ) -> ConfigurationKey {
        integer(path, 0...86_400_000) { set(&$0, .milliseconds($1)) }
    }

    static func text(
        _ path: String,
        _ set: @escaping @Sendable (inout GatewayConfiguration, String) -> Void
    ) -> ConfigurationKey {
        ConfigurationKey(path: path) { (configuration, text) throws(ConfigurationError) in
            guard !text.isEmpty else { throw ConfigurationError(key: path, problem: "must not be empty") }
            set(&configuration, text)
        }
    }

    static func choice(
        _ path: String,
        _ choices: [String],
        _ set: @escaping @Sendable (inout GatewayConfiguration, String) -> Void
    ) -> ConfigurationKey {
        ConfigurationKey(path: path) { (configuration, text) throws(ConfigurationError) in
            guard choices.contains(text) else {
                let list = choices.joined(separator: ", ")
                throw ConfigurationError(key: path, problem: "needs one of \(list), found '\(text)'")
            }
            set(&configuration, text)
        }
    }
}

private import Foundation
private import Yams

/// Puts a configuration together from a file, the environment and flags.
public struct ConfigurationLoader: Sendable {
    /// The configuration as far as it is put together.
    public private(set) var configuration = GatewayConfiguration()
    /// The text each key was set to last, by its path; keys that are not there have their defaults.
    private(set) var texts: [String: String] = [:]

    /// Starts from the defaults.
    public init() {}

    /// Sets one key from text, under the name its user knows it by.
    public mutating func set(_ path: String, to text: String, as name: String? = nil) throws(ConfigurationError) {
        guard let key = ConfigurationKey.all.first(where: { $0.path == path }) else {
            throw Self.unknown(
                name ?? path,
                "is not a key of this gateway",
                path,
                among: ConfigurationKey.all.map(\.path)
            )
        }
        do {
            try key.apply(&configuration, text)
            texts[path] = text
        } catch {
            throw ConfigurationError(key: name ?? path, problem: error.problem)
        }
    }

    /// Sets what the variables `GATEWAY_*` of the environment name; unknown ones are refused, but for those that Kubernetes
    /// adds for its services.
    public mutating func apply(environment: [String: String]) throws(ConfigurationError) {
        let keys = Dictionary(uniqueKeysWithValues: ConfigurationKey.all.map { ($0.environmentVariable, $0.path) })
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            guard name.hasPrefix("GATEWAY_"), !ServiceLink.matches(name, value) else { continue }
            guard let path = keys[name] else {
                throw Self.unknown(name, "is not a variable of this gateway", name, among: keys.keys.sorted())
            }
            try set(path, to: value, as: name)
        }
    }

    private static func unknown(
        _ key: String,
        _ problem: String,
        _ name: String,
        among names: [String]
    ) -> ConfigurationError {
        if let successor = RenamedKey.successor(of: name) {
            return ConfigurationError(key: key, problem: "\(problem) any more: \(successor) took its place")
        }
        let nearest = NearestName.of(name, among: names).map { "; did you mean \($0)?" } ?? ""
        return ConfigurationError(key: key, problem: problem + nearest)
    }

    /// Sets what a YAML file names; unknown keys are refused.
    public mutating func apply(file: String) throws(ConfigurationError) {
        let text: String
        do {
            text = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw ConfigurationError(key: file, problem: "cannot be read")
        }
        try apply(yaml: text, from: file)
    }

    /// Sets what a YAML document names; `source` stands in its errors.
    public mutating func apply(yaml: String, from source: String) throws(ConfigurationError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw ConfigurationError(key: source, problem: "is not YAML: \(YAMLProblem.description(of: error))")
        }
        guard let root, root.scalar?.string.isEmpty != true else { return }
        try apply(node: root, at: "", source: source)
    }

    private mutating func apply(node: Node, at path: String, source: String) throws(ConfigurationError) {
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                guard let name = key.string else {
                    throw ConfigurationError(key: path.isEmpty ? source : path, problem: "has a key that is not text")
                }
                try apply(node: value, at: path.isEmpty ? name : "\(path).\(name)", source: source)
            }
        case .scalar(let scalar):
            try set(path, to: scalar.string, as: "\(source): \(path)")
        case .sequence, .alias:
            throw ConfigurationError(key: "\(source): \(path)", problem: "takes one value, not a list")
        }
    }
}

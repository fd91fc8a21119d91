private import Crypto
private import Foundation
internal import ServingCore

/// The API keys there are.
struct CallerDirectory: Sendable {
    /// The most keys: each request is compared with all of them.
    private static let maximumKeys = 1024
    /// The longest token that is looked at.
    private static let maximumTokenBytes = 1024

    /// The keys.
    let keys: [CallerKey]

    /// No keys: nobody needs one.
    init(keys: [CallerKey] = []) {
        self.keys = keys
    }

    /// Reads the keys of a configuration and its key file: one key a line, `#` starts a remark.
    ///
    /// - Throws: ``ConfigurationError`` that names the key or the line, and never shows what it holds.
    init(_ settings: GatewayConfiguration.Callers) throws(ConfigurationError) {
        var keys: [CallerKey] = []
        if !settings.keys.isEmpty, settings.keys.allSatisfy({ $0 == "," || $0.isWhitespace }) {
            throw ConfigurationError(key: "callers.keys", problem: "holds no key: everything would be open")
        }
        for (index, text) in settings.keys.split(separator: ",").enumerated() {
            keys.append(try Self.read(text, "callers.keys", "key \(index + 1)"))
        }
        if let path = settings.keyFile {
            guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 20 else {
                throw ConfigurationError(key: "callers.key_file", problem: "\(path) cannot be read or is over 1 MiB")
            }
            let lines = String(decoding: data, as: UTF8.self).split(
                omittingEmptySubsequences: false,
                whereSeparator: \.isNewline
            )
            let before = keys.count
            for (index, line) in lines.enumerated() {
                let text = line.prefix { $0 != "#" }
                guard text.contains(where: { !$0.isWhitespace }) else { continue }
                keys.append(try Self.read(text, "callers.key_file", "line \(index + 1)"))
            }
            guard keys.count > before else {
                throw ConfigurationError(
                    key: "callers.key_file",
                    problem: "\(path) holds no key: without keys everything would be open"
                )
            }
        }
        guard keys.count <= Self.maximumKeys else {
            throw ConfigurationError(key: "callers", problem: "has more than \(Self.maximumKeys) keys")
        }
        self.keys = keys
    }

    /// Whose token the `Authorization` fields hold (RFC 6750, section 2.1), or nil.
    ///
    /// Every key is compared as a whole, whether an earlier one was it or not: how long it takes tells nothing of the keys.
    func key(authorization fields: [String]) -> CallerKey? {
        guard fields.count == 1, let field = fields.first, let token = Self.token(field) else { return nil }
        let hash = Array(SHA256.hash(data: Array(token.utf8)))
        var found: CallerKey?
        for key in keys {
            let difference = zip(key.hash, hash).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
            if difference == 0 { found = key }
        }
        return found
    }

    private static func token(_ field: String) -> Substring? {
        let scheme = "bearer "
        guard field.utf8.count <= maximumTokenBytes, field.prefix(scheme.count).lowercased() == scheme else {
            return nil
        }
        let token = field.dropFirst(scheme.count).drop { $0 == " " }
        return token.isEmpty || token.contains(" ") ? nil : token
    }

    private static func read(_ text: Substring, _ key: String, _ place: String) throws(ConfigurationError) -> CallerKey
    {
        guard let found = CallerKey(text) else {
            throw ConfigurationError(
                key: key,
                problem: "\(place) is not NAME SHA256-in-64-hex-digits, optionally with scopes as infer+read+admin"
            )
        }
        return found
    }
}

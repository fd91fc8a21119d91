/// Keys of earlier versions, each with the key that took its place.
enum RenamedKey {
    private static let successors = ["scheduling.overload_load_interval_ms": "scheduling.overload_load_spacing"]

    /// The key in place of `name`, which is a key or an environment variable of an earlier version; nil for all others.
    static func successor(of name: String) -> String? {
        if let successor = successors[name] { return successor }
        let old = successors.first { ConfigurationKey.variable(for: $0.key) == name }
        return old.map { ConfigurationKey.variable(for: $0.value) }
    }
}

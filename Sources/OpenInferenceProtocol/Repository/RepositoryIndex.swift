public import JSONCoding

/// The answer to `POST /v2/repository/index` (model repository extension).
public struct RepositoryIndex: Hashable, Sendable, JSONWritable {
    /// One model and version of the repository.
    public struct Entry: Hashable, Sendable {
        /// The model's name.
        public var name: String
        /// The model's version.
        public var version: Int
        /// Whether it can be used.
        public var state: State
        /// Why it is in that state, where that needs saying.
        public var reason: String

        /// Makes an entry.
        public init(name: String, version: Int, state: State, reason: String = "") {
            self.name = name
            self.version = version
            self.state = state
            self.reason = reason
        }
    }

    /// Whether a model can be used.
    public enum State: String, Hashable, Sendable {
        /// Not known.
        case unknown = "UNKNOWN"
        /// Takes requests.
        case ready = "READY"
        /// Takes none.
        case unavailable = "UNAVAILABLE"
        /// Will be ready.
        case loading = "LOADING"
        /// Will be unavailable.
        case unloading = "UNLOADING"
    }

    /// One entry for each model and version.
    public var entries: [Entry]

    /// Makes an index.
    public init(entries: [Entry]) {
        self.entries = entries
    }

    /// The index a request asks for.
    public func answering(_ request: RepositoryIndexRequest) -> RepositoryIndex {
        request.readyOnly ? RepositoryIndex(entries: entries.filter { $0.state == .ready }) : self
    }

    /// Writes an array of entries.
    public func write(to writer: inout JSONWriter) {
        writer.array { writer in
            for entry in entries { entry.write(to: &writer) }
        }
    }
}

extension RepositoryIndex.Entry: JSONWritable {
    /// Writes `{"name","version","state","reason"}`.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("version", String(version))
            writer.member("state", state.rawValue)
            writer.member("reason", reason)
        }
    }
}

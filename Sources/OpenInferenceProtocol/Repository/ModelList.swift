public import JSONCoding

/// The answer to `GET /v2/models`, as KServe's servers give it: `{"models":["a","b"]}`.
public struct ModelList: Hashable, Sendable, JSONWritable {
    /// The models' names.
    public var names: [String]

    /// Makes a list.
    public init(names: [String]) {
        self.names = names
    }

    /// Writes the list.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("models", names)
        }
    }
}

public import JSONCoding

/// The answer to `GET /v2/models/{m}/ready`.
public struct ModelReadiness: Hashable, Sendable, JSONWritable {
    /// The model's name.
    public var name: String
    /// Whether requests for it are taken.
    public var isReady: Bool

    /// Makes an answer.
    public init(name: String, isReady: Bool) {
        self.name = name
        self.isReady = isReady
    }

    /// Writes `{"name","ready"}`.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("ready", isReady)
        }
    }
}

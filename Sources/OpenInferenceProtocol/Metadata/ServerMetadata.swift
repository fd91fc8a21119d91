public import JSONCoding

/// The answer to `GET /v2`.
public struct ServerMetadata: Hashable, Sendable, JSONWritable {
    /// The server's name.
    public var name: String
    /// The server's version.
    public var version: String
    /// The protocol extensions it has.
    public var extensions: [String]

    /// Makes metadata.
    public init(name: String, version: String, extensions: [String] = ServerMetadata.supportedExtensions) {
        self.name = name
        self.version = version
        self.extensions = extensions
    }

    /// The extensions this target reads and writes, by the names Triton's protocol documents give them.
    public static let supportedExtensions = [
        "binary_tensor_data", "model_configuration", "model_repository", "parameters", "schedule_policy", "statistics",
    ]

    /// Writes `{"name","version","extensions"}`.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("version", version)
            writer.member("extensions", extensions)
        }
    }
}

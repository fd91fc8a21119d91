internal import JSONCoding
public import ServingCore

/// The body of `POST /v2/repository/models/{m}/unload`.
public struct RepositoryUnloadRequest: Hashable, Sendable {
    /// Whether models this one depends on are meant too; there are none here, blocks being shared by count.
    public var unloadsDependents = false

    /// Reads a body: nothing, or `{"parameters":{"unload_dependents":bool}}`. Throws `malformedJSON`, `bodyTooLarge` or
    /// `invalidField`.
    public init(body: ByteRegion) throws(ServingError) {
        guard body.count > 0 else { return }
        let root = try JSONDocument(parsing: body).root
        guard let parameters = try root.optionalMember("parameters") else { return }
        for (name, value) in try parameters.members() {
            guard name == "unload_dependents" else { throw value.error("unknown parameter") }
            unloadsDependents = try value.bool()
        }
    }
}

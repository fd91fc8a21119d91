internal import JSONCoding
public import ServingCore

/// The body of `POST /v2/repository/index`.
public struct RepositoryIndexRequest: Hashable, Sendable {
    /// Whether only models that are ready are listed.
    public var readyOnly = false

    /// Reads a body: nothing, or `{"ready":bool}`. Throws `malformedJSON`, `bodyTooLarge` or `invalidField`.
    public init(body: ByteRegion) throws(ServingError) {
        guard body.count > 0 else { return }
        let root = try JSONDocument(parsing: body).root
        readyOnly = try root.optionalMember("ready")?.bool() ?? false
    }
}

internal import JSONCoding
public import ServingCore

/// The body of `POST /v2/repository/models/{m}/load`.
public struct RepositoryLoadRequest: Hashable, Sendable {
    /// Reads a body: nothing, or `{}` with an empty `parameters` at most.
    ///
    /// Throws `notImplemented` for a configuration or files sent along, `invalidField` for other parameters, and
    /// `malformedJSON` or `bodyTooLarge`.
    public init(body: ByteRegion) throws(ServingError) {
        guard body.count > 0 else { return }
        let root = try JSONDocument(parsing: body).root
        guard let parameters = try root.optionalMember("parameters") else { return }
        for (name, value) in try parameters.members() {
            guard name == "config" || name.hasPrefix("file:") else { throw value.error("unknown parameter") }
            throw ServingError(
                .notImplemented,
                "a model is loaded as it was imported: configurations and files cannot be sent along",
                field: value.path
            )
        }
    }
}

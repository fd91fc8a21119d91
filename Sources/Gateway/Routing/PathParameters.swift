/// What a path names, decoded.
struct PathParameters: Equatable, Sendable {
    /// The model's name as it was asked for.
    var model: String?
    /// The version as it was asked for.
    var version: String?
    /// The request as it was asked for.
    var request: String?
}

/// What was seen of a request's target before libmicrohttpd took it apart.
struct TargetRead: Sendable {
    /// How many bytes path and query have together, with the `?`.
    var byteCount: Int
    /// What follows the `?`.
    var query: String?
}

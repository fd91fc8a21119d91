/// What a request's head says, before anything of it is believed.
struct HeadFacts: Sendable {
    var method: String
    /// The target up to its `?`.
    var path: String
    /// The target after its `?`.
    var query: String?
    var version: String
    var headers: HeaderFields
    /// Whether these parts are all there was: no folded lines, bare line feeds or NULs.
    var isPlain = true
}

/// Finds the operation for a method and a path.
///
/// A literal segment wins over a parameter because ``Route/all`` lists it first. Matching costs one comparison for
/// each route and segment, in practice a few hundred nanoseconds.
struct Router: Sendable {
    /// What a path and method lead to.
    enum Match: Equatable {
        /// An operation and what the path names.
        case found(OperationID, PathParameters)
        /// The path exists for other methods only.
        case wrongMethod(allowed: [String])
        /// No such path.
        case unknown
    }

    private let routes: [Route]

    init(routes: [Route] = Route.all) {
        self.routes = routes
    }

    /// The match of a raw, still percent-encoded path; a trailing slash does not count.
    func match(method: String, path: String) -> Match {
        var segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .dropFirst().map(Substring.init)
        if segments.last?.isEmpty == true { segments.removeLast() }
        var allowed: [String] = []
        for route in routes {
            guard let parameters = parameters(of: segments, in: route) else { continue }
            // HEAD is GET without a body (RFC 9110, section 9.3.2); the transport leaves the body out.
            if route.method == method || (route.method == "GET" && method == "HEAD") {
                return .found(route.operation, parameters)
            }
            allowed.append(route.method)
        }
        return allowed.isEmpty ? .unknown : .wrongMethod(allowed: allowed)
    }

    private func parameters(of segments: [Substring], in route: Route) -> PathParameters? {
        guard segments.count == route.segments.count else { return nil }
        var parameters = PathParameters()
        for (segment, pattern) in zip(segments, route.segments) {
            switch pattern {
            case "{model}": parameters.model = PercentEncoding.decode(segment)
            case "{version}": parameters.version = PercentEncoding.decode(segment)
            default: guard segment == pattern else { return nil }
            }
        }
        return parameters
    }
}

/// What a path names, decoded.
struct PathParameters: Equatable, Sendable {
    /// The model's name as it was asked for.
    var model: String?
    /// The version as it was asked for.
    var version: String?
}

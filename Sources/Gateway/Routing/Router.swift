/// Finds the operation for a method and a path.
///
/// A literal segment wins over a parameter because ``Route/all`` lists it first. Works on the path's bytes: of the
/// routes only those with as many segments are compared, and text is made only for what a parameter takes.
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
        var path = path
        return path.withUTF8 { bytes in
            guard bytes.first == UInt8(ascii: "/") else { return .unknown }
            let segments = Self.segments(of: bytes)
            var allowed: [String] = []
            for route in routes where Self.fits(segments, of: bytes, in: route) {
                // HEAD is GET without a body (RFC 9110, section 9.3.2); the transport leaves the body out.
                if route.method == method || (route.method == "GET" && method == "HEAD") {
                    return .found(route.operation, Self.parameters(segments, of: bytes, in: route))
                }
                allowed.append(route.method)
            }
            return allowed.isEmpty ? .unknown : .wrongMethod(allowed: allowed)
        }
    }

    /// Where the segments of a path that starts with a slash lie.
    private static func segments(of bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var segments: [Range<Int>] = []
        segments.reserveCapacity(8)
        var start = 1
        for (index, byte) in bytes.enumerated().dropFirst() where byte == UInt8(ascii: "/") {
            segments.append(start..<index)
            start = index + 1
        }
        if start < bytes.count { segments.append(start..<bytes.count) }
        return segments
    }

    private static func fits(
        _ segments: [Range<Int>],
        of bytes: UnsafeBufferPointer<UInt8>,
        in route: Route
    ) -> Bool {
        guard segments.count == route.segments.count else { return false }
        return zip(segments, route.segments).allSatisfy { range, segment in
            guard case .literal(let literal) = segment else { return true }
            return range.count == literal.count && bytes[range].elementsEqual(literal)
        }
    }

    private static func parameters(
        _ segments: [Range<Int>],
        of bytes: UnsafeBufferPointer<UInt8>,
        in route: Route
    ) -> PathParameters {
        var parameters = PathParameters()
        for (range, segment) in zip(segments, route.segments) {
            switch segment {
            case .literal: break
            case .model: parameters.model = PercentEncoding.decode(bytes[range])
            case .request: parameters.request = PercentEncoding.decode(bytes[range])
            case .version: parameters.version = PercentEncoding.decode(bytes[range])
            }
        }
        return parameters
    }
}

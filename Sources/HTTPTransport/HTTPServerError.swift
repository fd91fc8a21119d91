/// Why a server cannot start.
public enum HTTPServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The address cannot be listened on.
    case cannotListen(host: String, port: Int, reason: String)
    /// libmicrohttpd cannot start its threads.
    case cannotStart
    /// TLS is asked of a libmicrohttpd that was built without.
    case withoutTLS
    /// The server runs already, or ran before.
    case startedBefore

    /// One sentence for people.
    public var description: String {
        switch self {
        case .cannotListen(let host, let port, let reason): "cannot listen on \(host) port \(port): \(reason)"
        case .cannotStart: "libmicrohttpd cannot start its threads"
        case .withoutTLS: "libmicrohttpd was built without TLS"
        case .startedBefore: "a server is started once"
        }
    }
}

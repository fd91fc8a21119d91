public import ServingCore

/// An answer: status, header fields, and the body as pieces that are sent without copying.
public struct HTTPResponse: Sendable {
    /// The status code, 200 to 599.
    public var status: Int
    /// The header fields in order; `Date`, `Content-Length` and `Connection` are added by the transport.
    public var headers: [(name: String, value: String)]
    /// The body, piece after piece.
    public var body: [ByteRegion]
    /// An object that is kept as long as the bytes of the body are.
    public var companion: (any AnyObject & Sendable)?
    /// Whether the connection is closed after this answer.
    public var closesConnection: Bool

    /// Makes an answer.
    public init(
        status: Int,
        headers: [(name: String, value: String)] = [],
        body: [ByteRegion] = [],
        companion: (any AnyObject & Sendable)? = nil,
        closesConnection: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.companion = companion
        self.closesConnection = closesConnection
    }

    /// How many bytes the body has.
    public var bodyByteCount: Int { body.reduce(0) { $0 + $1.count } }
}

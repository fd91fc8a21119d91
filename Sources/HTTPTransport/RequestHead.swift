public import ServingCore

/// The head of a request that passed the gate.
public struct RequestHead: Sendable {
    /// The method, as sent: `POST`.
    public let method: String
    /// The path before any `?`, as sent: percent-encoding is not decoded.
    public let path: String
    /// What follows the `?`, as sent, or nil where there is none.
    public let query: String?
    /// The header fields.
    public let headers: HeaderFields
    /// How many bytes the body has by its `Content-Length`, or nil where the request has none.
    public let contentLength: Int?
    /// The client's address, without its port.
    public let remoteAddress: String
    /// The subject of the client's certificate, which a trusted authority signed: `CN=camera-7`; nil where none was asked for.
    public let clientSubject: String?
    /// When the head was complete.
    public let arrival: MonotonicInstant

    /// Makes a head.
    public init(
        method: String,
        path: String,
        query: String? = nil,
        headers: HeaderFields = HeaderFields(),
        contentLength: Int? = nil,
        remoteAddress: String = "",
        clientSubject: String? = nil,
        arrival: MonotonicInstant = .origin
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.contentLength = contentLength
        self.remoteAddress = remoteAddress
        self.clientSubject = clientSubject
        self.arrival = arrival
    }
}

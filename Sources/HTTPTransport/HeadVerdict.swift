/// What becomes of a request whose head was read.
public enum HeadVerdict: Sendable {
    /// Answer now; a body is not read, and the connection is closed where there is one.
    case answer(HTTPResponse)
    /// Read the body, then call ``HTTPRequestHandler/receive(body:on:)``.
    case receiveBody
}

/// An HTTP/1.1 answer as a test's client read it.
public struct RawSocketResponse: Equatable, Sendable {
    /// The status code.
    public var status: Int
    /// The header lines, without the status line.
    public var headerLines: [String]
    /// The body.
    public var body: [UInt8]

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the first field called `name` (any case), or nil.
    public func header(_ name: String) -> String? {
        for line in headerLines {
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name.lowercased() else {
                continue
            }
            return String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        return nil
    }

    /// Whether the server says that it closes the connection.
    public var closes: Bool { header("Connection")?.lowercased() == "close" }
}

extension RawSocket {
    /// Reads one answer whose length is given by `Content-Length`; `hasBody` is false for the answer to a HEAD.
    public func readResponse(hasBody: Bool = true, within seconds: Double = 10) throws -> RawSocketResponse {
        let deadline = Self.now() + seconds
        let lines = try takeHead(until: deadline).split(separator: "\r\n", omittingEmptySubsequences: false)
        let statusLine = lines.first.map(String.init) ?? ""
        guard statusLine.hasPrefix("HTTP/1.1 "), let status = Int(statusLine.dropFirst(9).prefix(3)) else {
            throw Failure.notHTTP(statusLine)
        }
        var response = RawSocketResponse(status: status, headerLines: lines.dropFirst().map(String.init), body: [])
        let length = response.header("Content-Length").flatMap { Int($0) } ?? 0
        if hasBody && status >= 200 { response.body = try take(length, until: deadline) }
        return response
    }
}

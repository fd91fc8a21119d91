import ServingCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension HTTPResponse {
    /// The answer as HTTP/1.1 text that ends its connection; `isHead` leaves the body out.
    ///
    /// Only for answers that go out while a body is arriving: all others are written by libmicrohttpd.
    func wireBytes(isHead: Bool) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(reasonPhrase(status))\r\nDate: \(Self.currentDate)\r\n"
        for header in headers where !header.value.utf8.contains(where: { $0 == 13 || $0 == 10 }) {
            text += "\(header.name): \(header.value)\r\n"
        }
        text += "Connection: close\r\nContent-Length: \(bodyByteCount)\r\n\r\n"
        var bytes = Array(text.utf8)
        guard !isHead else { return bytes }
        for piece in body {
            piece.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// Now as an HTTP date (RFC 9110, 5.6.7).
    private static var currentDate: String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress,
                // Day and month names are English in the C locale, which a process has unless it sets another.
                strftime(start, 64, "%a, %d %b %Y %H:%M:%S GMT", &parts) > 0
            else { return "" }
            return String(cString: start)
        }
    }
}

import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What went wrong on the way to a gateway, in words of our own: the library's errors are written for its users.
enum TransportFault {
    /// One sentence part, such as `connection refused`.
    static func description(of error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
        case let error as NIOConnectionError: description(of: error)
        case let error as ChannelError: description(of: error)
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            "TLS failed: the certificate is not trusted, or nothing was agreed on"
        case is HTTPParserError: "the answer is not HTTP"
        case is SocketAddressError: "the host has no address"
        default: "the connection failed"
        }
    }

    /// Of several addresses that were tried, the last one tells.
    private static func description(of error: NIOConnectionError) -> String {
        if let last = error.connectionErrors.last { return description(of: last.error) }
        return "the host '\(error.host)' has no address"
    }

    private static func description(of error: ChannelError) -> String {
        switch error {
        case .connectTimeout(let limit): "no connection within \(limit.nanoseconds / 1_000_000_000) s"
        case .alreadyClosed, .ioOnClosedChannel, .eof, .inputClosed, .outputClosed: "the connection was closed"
        default: "the connection failed"
        }
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Socket addresses as text.
enum NumericAddress {
    /// The address in digits, without its port: `127.0.0.1`, `::1`; empty for other families.
    static func text(_ address: UnsafePointer<sockaddr>) -> String {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            var ipv4 = raw.assumingMemoryBound(to: sockaddr_in.self).pointee.sin_addr
            return text(AF_INET, &ipv4)
        case AF_INET6:
            var ipv6 = raw.assumingMemoryBound(to: sockaddr_in6.self).pointee.sin6_addr
            return text(AF_INET6, &ipv6)
        default: return ""
        }
    }

    private static func text(_ family: Int32, _ address: UnsafeRawPointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let start = buffer.baseAddress,
                inet_ntop(family, address, start, socklen_t(INET6_ADDRSTRLEN)) != nil
            else { return "" }
            return String(cString: start)
        }
    }
}

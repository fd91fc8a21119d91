import ServingCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What TCP knows of the connection.
extension HTTPConnection {
    /// The shortest round trip that the kernel's estimate was at when this was asked: at the first request, that of the handshake.
    ///
    /// The shortest, since later estimates hold what a client delays its acknowledgements by (RFC 1122, 4.2.3.2).
    func measureRoundTrip() -> Duration {
        state.withLock {
            guard $0.descriptor >= 0 else { return .zero }
            var info = tcp_info()
            var length = socklen_t(MemoryLayout<tcp_info>.size)
            let isKnown = getsockopt($0.descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0
            guard isKnown, info.tcpi_rtt > 0 else { return $0.roundTrip ?? .zero }
            let measured = Duration.microseconds(info.tcpi_rtt)
            let shortest = min($0.roundTrip ?? measured, measured)
            $0.roundTrip = shortest
            return shortest
        }
    }
}

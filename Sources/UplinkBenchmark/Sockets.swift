import Foundation

/// IPv4 sockets.
enum Sockets {
    /// A connection, from an address of this machine where one is given.
    ///
    /// - Throws: ``BenchmarkFailure`` where it does not come about.
    static func connect(from source: String?, to host: String, port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw BenchmarkFailure("no socket: errno \(errno)") }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        if let source, withAddress(source, 0, { bind(descriptor, $0, $1) }) != 0 {
            close(descriptor)
            throw BenchmarkFailure("cannot send from \(source): errno \(errno)")
        }
        guard withAddress(host, port, { Foundation.connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            throw BenchmarkFailure("cannot connect to \(host):\(port): errno \(errno)")
        }
        return descriptor
    }

    /// Makes `close` reset the connection.
    static func resetOnClose(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Bytes written to a socket that its peer has not acknowledged.
    static func unacknowledged(_ descriptor: Int32) -> Int {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    private static func withAddress(
        _ host: String,
        _ port: Int,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(clamping: port).bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return -1 }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

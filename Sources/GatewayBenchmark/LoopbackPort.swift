import Foundation

/// Ports on 127.0.0.1, for a server that cannot choose one itself.
enum LoopbackPort {
    /// A port that nobody listens on now.
    static func free() throws -> Int {
        let socket = try open()
        defer { close(socket) }
        var address = loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withSocketAddress(&address) { pointer in
            bind(socket, pointer, size) == 0 && getsockname(socket, pointer, &size) == 0
        }
        guard bound else { throw BenchmarkFailure("no free port on 127.0.0.1") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Waits until somebody listens.
    static func waitUntilOpen(_ port: Int, limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        while !isOpen(port) {
            guard ContinuousClock.now < deadline else { throw BenchmarkFailure("nobody listens on port \(port)") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func isOpen(_ port: Int) -> Bool {
        guard let socket = try? open() else { return false }
        defer { close(socket) }
        var address = loopback(port: UInt16(clamping: port))
        return withSocketAddress(&address) {
            connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }

    private static func open() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw BenchmarkFailure("no socket: errno \(errno)") }
        return descriptor
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: INADDR_LOOPBACK.bigEndian)
        return address
    }

    private static func withSocketAddress(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>) -> Bool
    ) -> Bool {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}

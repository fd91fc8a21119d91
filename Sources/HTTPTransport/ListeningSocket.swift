#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A TCP socket that listens; closed with its owner.
struct ListeningSocket: ~Copyable {
    /// The socket.
    let descriptor: Int32
    /// The port it listens on.
    let port: Int

    /// Listens on the first address `host` stands for that can be bound; `port` 0 lets the system choose.
    init(host: String, port: Int, receiveBufferBytes: Int) throws(HTTPServerError) {
        var reason = "no such address"
        var found: (descriptor: Int32, port: Int)?
        Self.forEachAddress(host, port) { address in
            guard found == nil else { return }
            found = Self.open(address, receiveBufferBytes: receiveBufferBytes)
            if found == nil { reason = String(cString: strerror(errno)) }
        }
        guard let found else { throw .cannotListen(host: host, port: port, reason: reason) }
        descriptor = found.descriptor
        self.port = found.port
    }

    deinit {
        close(descriptor)
    }

    private static func forEachAddress(_ host: String, _ port: Int, _ body: (addrinfo) -> Void) {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return }
        defer { freeaddrinfo(list) }
        var next = list
        while let entry = next {
            body(entry.pointee)
            next = entry.pointee.ai_next
        }
    }

    private static func open(_ address: addrinfo, receiveBufferBytes: Int) -> (descriptor: Int32, port: Int)? {
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, flags, 0)
        guard descriptor >= 0 else { return nil }
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        // Accepted sockets inherit both; set on them later, the buffer would have grown already.
        setOption(descriptor, SOL_SOCKET, SO_RCVBUF, Int32(clamping: receiveBufferBytes))
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0,
            listen(descriptor, SOMAXCONN) == 0,
            let port = boundPort(descriptor)
        else {
            let reason = errno
            close(descriptor)
            errno = reason
            return nil
        }
        return (descriptor, port)
    }

    private static func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func boundPort(_ descriptor: Int32) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let port = withUnsafeMutablePointer(to: &storage) { storage -> UInt16? in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> UInt16? in
                guard getsockname(descriptor, address, &length) == 0 else { return nil }
                // The port lies at the same place in both families' addresses.
                return UnsafeRawPointer(address).loadUnaligned(fromByteOffset: 2, as: UInt16.self).bigEndian
            }
        }
        return port.map(Int.init)
    }
}

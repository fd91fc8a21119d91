#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A TCP connection to a server on this machine that sends exactly the bytes it is given, for tests of what goes over the wire.
///
/// Every wait ends at a deadline, so that a server that hangs fails a test rather than stops it.
public final class RawSocket {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Whether the server has ended its side of the connection.
    public private(set) var isEnded = false

    /// Why a test's connection failed.
    public enum Failure: Error, Equatable {
        case cannotConnect
        case cannotSend
        case timeout(received: String)
        case ended(received: String)
        case notHTTP(String)
    }

    /// Connects to 127.0.0.1; `receiveBuffer` makes the client read slowly by leaving little room.
    public init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure.cannotConnect }
    }

    deinit {
        close(descriptor)
    }

    /// Sends all of `text`.
    public func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    /// Sends all of `bytes`.
    public func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { throw Failure.cannotSend }
            rest = rest.dropFirst(sent)
        }
    }

    /// Ends the sending side only.
    public func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes the connection with a reset rather than an orderly end, when the socket is released.
    public func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Resets the connection now.
    public func reset() {
        resetOnClose()
        // Connecting to no address ends the connection with a reset and keeps the descriptor.
        var address = sockaddr()
        address.sa_family = sa_family_t(AF_UNSPEC)
        connect(descriptor, &address, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// Reads until the server ends the connection and returns everything that was left.
    public func readToEnd(within seconds: Double = 10) throws -> String {
        let deadline = Self.now() + seconds
        while !isEnded {
            guard try fill(until: deadline) else { throw Failure.timeout(received: text) }
        }
        defer { buffer.removeAll() }
        return text
    }

    /// Whether some bytes, or the end, arrive within `seconds`.
    public func hasInput(within seconds: Double) throws -> Bool {
        if !buffer.isEmpty || isEnded { return true }
        return try fill(until: Self.now() + seconds)
    }

    /// Reads until `count` bytes are there and takes them.
    func take(_ count: Int, until deadline: Double) throws -> [UInt8] {
        while buffer.count < count { try needMore(until: deadline) }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    /// Reads until an empty line and takes everything before it.
    func takeHead(until deadline: Double) throws -> String {
        let end: [UInt8] = [13, 10, 13, 10]
        while true {
            if let range = buffer.firstRange(of: end) {
                defer { buffer.removeSubrange(..<range.upperBound) }
                return String(decoding: buffer[..<range.lowerBound], as: UTF8.self)
            }
            try needMore(until: deadline)
        }
    }

    private var text: String { String(decoding: buffer, as: UTF8.self) }

    private func needMore(until deadline: Double) throws {
        if isEnded { throw Failure.ended(received: text) }
        guard try fill(until: deadline) else { throw Failure.timeout(received: text) }
    }

    /// Reads what is there; false where nothing came before the deadline.
    private func fill(until deadline: Double) throws -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let wait = max(0, deadline - Self.now()) * 1000
        guard poll(&entry, 1, Int32(wait.rounded(.up))) > 0 else { return false }
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let received = recv(descriptor, &chunk, chunk.count, 0)
        // A reset counts as the end: what was received before it is kept.
        if received <= 0 { isEnded = true } else { buffer += chunk.prefix(received) }
        return true
    }

    /// Seconds on the monotonic clock.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

import ArgumentParser
import Foundation

/// The other side of the transport's measurements: connections that send as fast as they are let.
struct Flood: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send long bodies on many connections until killed, then reset them.",
        shouldDisplay: false
    )

    @Option var port: Int
    @Option var connections: Int
    @Option(help: "Bytes of each body: more than is sent.") var bytes: Int

    func run() throws {
        Descriptors.raiseLimit()
        var entries = try (0..<connections).map { _ in
            pollfd(fd: try Self.connect(port, bytes), events: Int16(POLLOUT), revents: 0)
        }
        let piece = [UInt8](repeating: 5, count: 64 << 10)
        while poll(&entries, nfds_t(entries.count), -1) > 0 {
            for index in entries.indices where entries[index].revents != 0 {
                let sent = send(entries[index].fd, piece, piece.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
                if sent < 0, errno != EAGAIN { return }
            }
        }
    }

    /// A connection that has sent its head; closing it resets it, so that its end is not behind unread bytes.
    private static func connect(_ port: Int, _ bytes: Int) throws -> Int32 {
        let descriptor = try Sockets.connect(from: nil, to: "127.0.0.1", port: port)
        Sockets.resetOnClose(descriptor)
        let head = Array("POST /sink HTTP/1.1\r\nHost: bench\r\nContent-Length: \(bytes)\r\n\r\n".utf8)
        guard send(descriptor, head, head.count, Int32(MSG_NOSIGNAL)) == head.count else {
            throw BenchmarkFailure("cannot send a head")
        }
        return descriptor
    }
}

/// A flood as a process of its own, so that its CPU time is not the server's.
final class FloodProcess {
    private let process: Process

    /// Each body has what comes at `bytesPerSecond` in a minute.
    init(port: Int, connections: Int, bytesPerSecond: Double) throws {
        process = try Program.start(
            Program.own.path,
            [
                "flood", "--port", "\(port)", "--connections", "\(connections)",
                "--bytes", "\(Int(bytesPerSecond * 60) + (1 << 20))",
            ]
        )
    }

    /// Resets all connections.
    func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    deinit { kill() }
}

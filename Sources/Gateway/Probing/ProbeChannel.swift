private import Foundation
private import Glibc

/// Lines of JSON, and bytes behind them, over a socket between two processes.
struct ProbeChannel: ~Copyable {
    private let descriptor: Int32
    private var received: [UInt8] = []

    /// Takes over an open socket.
    init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// The socket's number while this lives.
    var number: Int32 { descriptor }

    /// Sends a message and the bytes behind it; false where nobody is there to read.
    func send(_ message: some Encodable, _ bytes: [UInt8] = []) -> Bool {
        guard let line = try? JSONEncoder().encode(message) else { return false }
        return send(Array(line) + [UInt8(ascii: "\n")]) && (bytes.isEmpty || send(bytes))
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                // A reader that is gone is an answer, not a signal.
                let count = Glibc.send(
                    descriptor,
                    bytes.baseAddress.map { $0 + sent },
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    /// The next message; nil where none comes any more. `wait` is called before each look, and ends the waiting with false.
    mutating func receive<Message: Decodable>(
        _ type: Message.Type,
        wait: (Int32) -> Bool = { _ in true }
    ) -> Message? {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(received[..<end])
                received.removeFirst(end + 1)
                return try? JSONDecoder().decode(Message.self, from: line)
            }
            guard wait(descriptor), fill() else { return nil }
        }
    }

    /// The next `count` bytes; nil where fewer come.
    mutating func receive(count: Int) -> [UInt8]? {
        while received.count < count { guard fill() else { return nil } }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    private mutating func fill() -> Bool {
        var part = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = recv(descriptor, &part, part.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            received += part[..<count]
            return true
        }
    }
}

import Foundation

/// One request of one device on a connection of its own.
///
/// It stops sending when an answer comes, and gives up half a second after its deadline. What lies in the kernel's buffer then
/// is dropped by a reset where it ``resets``; a plain close would have the kernel send it all the same.
struct DeviceCall {
    let request: DeviceTrace.Request
    let host: String
    let port: Int
    let asksFirst: Bool
    let resets: Bool

    func run() -> DeviceOutcome {
        let start = Seconds.now
        let source = NetworkNamespace.address(of: request.device)
        var outcome = DeviceOutcome(
            status: 0,
            seconds: 0,
            deadline: request.deadline,
            size: request.tensorBytes,
            uploaded: 0
        )
        guard let descriptor = try? Sockets.connect(from: source, to: host, port: port) else { return outcome }
        defer { close(descriptor) }
        var exchange = DeviceExchange(descriptor, body: body, until: start + request.deadline + 0.5)
        // What connecting took is gone, as the device knows; what its head takes it cannot know.
        outcome.connected = Seconds.now - start
        exchange.start = start
        let left = max(request.deadline - (Seconds.now - start), 0.001)
        outcome.status = exchange.run(head: head(timeout: left), asksFirst: asksFirst)
        outcome.code = exchange.code
        outcome.verdict = exchange.verdictAt
        outcome.written = exchange.writtenAt
        outcome.detail = exchange.detail
        outcome.seconds = Seconds.now - start
        outcome.uploaded = max(exchange.sentBody - Sockets.unacknowledged(descriptor), 0)
        if resets { Sockets.resetOnClose(descriptor) }
        return outcome
    }

    private var json: String {
        #"{"inputs":[{"name":"x","shape":[\#(request.rows),106],"datatype":"FP32","#
            + #""parameters":{"binary_data_size":\#(request.tensorBytes)}}],"parameters":{"binary_data_output":true}}"#
    }

    private var body: [UInt8] { Array(json.utf8) + [UInt8](repeating: 0, count: request.tensorBytes) }

    private func head(timeout: Double) -> String {
        let lines = [
            "POST /v2/models/noop/infer HTTP/1.1", "Host: \(host)", "Connection: close",
            "Content-Type: application/octet-stream", "Content-Length: \(json.utf8.count + request.tensorBytes)",
            "Inference-Header-Content-Length: \(json.utf8.count)",
            "Inference-Timeout-Ms: \(max(Int(timeout * 1000), 1))",
        ]
        return (lines + (asksFirst ? ["Expect: 100-continue"] : [])).joined(separator: "\r\n") + "\r\n\r\n"
    }
}

/// The bytes of one request going out and its answer coming in.
struct DeviceExchange {
    private let descriptor: Int32
    private let body: [UInt8]
    private let limit: Double
    private var received: [UInt8] = []
    private var isEnded = false
    var start = 0.0
    /// When the word to go on came, and when the last byte was given to the kernel.
    private(set) var verdictAt = 0.0
    private(set) var writtenAt = 0.0
    private(set) var sentBody = 0

    init(_ descriptor: Int32, body: [UInt8], until limit: Double) {
        (self.descriptor, self.body, self.limit) = (descriptor, body, limit)
    }

    /// Runs the exchange; the status of its answer, or 0.
    mutating func run(head: String, asksFirst: Bool) -> Int {
        let bytes = Array(head.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return 0 }
        if asksFirst {
            while status == nil, wait(POLLIN) { receive() }
            if status == 100 { received.removeAll() }
            verdictAt = Seconds.now - start
        }
        while status == nil, sentBody < body.count, wait(POLLIN | POLLOUT) { sendSome() }
        writtenAt = Seconds.now - start
        while !isEnded, wait(POLLIN) { receive() }
        return isEnded ? status ?? 0 : 0
    }

    /// The number in the first line that came.
    private var status: Int? {
        guard received.count >= 12 else { return nil }
        return Int(String(decoding: received[9..<12], as: UTF8.self))
    }

    /// What the answer says went wrong.
    var code: String { status == 200 ? "ok" : member("code") ?? "-" }

    /// What it says why, numbers left out so that equal reasons read the same.
    var detail: String {
        guard status != 200, let text = member("detail") else { return "" }
        return text.replacing(/[0-9][0-9.]*/, with: "N")
    }

    /// A member of the answer that is a text without escapes.
    private func member(_ name: String) -> String? {
        let text = String(decoding: received, as: UTF8.self)
        guard let start = text.range(of: "\"\(name)\":\"")?.upperBound else { return nil }
        return String(text[start...].prefix { $0 != "\"" })
    }

    private mutating func sendSome() {
        receive()
        guard status == nil, !isEnded else { return }
        let sent = body.withUnsafeBytes { bytes in
            Foundation.send(
                descriptor,
                bytes.baseAddress?.advanced(by: sentBody),
                min(bytes.count - sentBody, 16 << 10),
                Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
            )
        }
        if sent > 0 { sentBody += sent } else if errno != EAGAIN { isEnded = true }
    }

    private mutating func receive() {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        if count > 0 { received += chunk.prefix(count) } else if count == 0 || errno != EAGAIN { isEnded = true }
    }

    /// False where the time is up.
    private func wait(_ events: Int32) -> Bool {
        guard !isEnded else { return false }
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        let rest = limit - Seconds.now
        return rest > 0 && poll(&entry, 1, Int32(rest * 1000) + 1) > 0
    }
}

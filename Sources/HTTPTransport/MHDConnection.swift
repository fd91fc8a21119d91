import CMicroHTTPD
import TransportSecurity

/// One connection as libmicrohttpd knows it; the operations it allows on it.
///
/// `@unchecked Sendable` because the pointer is only passed on: ``resume()`` is allowed from any thread while the
/// connection is suspended, everything else is called on the connection's own thread.
struct MHDConnection: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    /// Stops callbacks, timeouts and reading until ``resume()``; only inside this connection's access callback, or while its TLS
    /// receives.
    func suspend() {
        MHD_suspend_connection(pointer)
    }

    /// Ends a suspension, from any thread; the access callback then runs again.
    ///
    /// Each call walks all suspended connections of the thread, once per wake-up: calls are best made together.
    func resume() {
        MHD_resume_connection(pointer)
    }

    /// Sends `response` as the answer to the current request; only inside this connection's access callback.
    func queue(_ response: HTTPResponse, closing: Bool) -> Bool {
        guard let made = makeMHDResponse(response, closing: closing) else { return false }
        // The queue holds its own reference; ours is given up either way.
        defer { MHD_destroy_response(made) }
        return MHD_queue_response(pointer, UInt32(clamping: response.status), made) == .YES
    }

    /// The header fields of the request, copied into one block, and whether they are all that was received.
    func headerFields(_ raw: RawHead, targetCount: Int) -> (fields: HeaderFields, isPlain: Bool) {
        let memory = UnsafeRawBufferPointer(start: raw.method, count: CMicroHTTPD_head_size(pointer))
        var reading = HeadReading(
            layout: HeadLayout(
                memory,
                method: raw.method,
                target: raw.path,
                targetCount: targetCount,
                version: raw.version
            )
        )
        readFields(into: &reading)
        let isPlain = CMicroHTTPD_keeps_head_lines() == 0 || reading.layout.isComplete()
        return (reading.fields, isPlain)
    }

    private func readFields(into reading: inout HeadReading) {
        // The iterator borrows `reading` for the call only.
        withUnsafeMutablePointer(to: &reading) { reading in
            _ = MHD_get_connection_values_n(
                pointer,
                .HEADER_KIND,
                { context, _, name, nameCount, value, valueCount in
                    guard let context else { return .NO }
                    // A field without a name is kept, for the gate to refuse: stopping here would hide the fields after it.
                    let name8 = UnsafeRawBufferPointer(start: name, count: name == nil ? 0 : nameCount)
                    let value8 = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueCount)
                    context.assumingMemoryBound(to: HeadReading.self).pointee.take(name8, value8)
                    return .YES
                },
                reading
            )
        }
    }

    /// The socket, or -1.
    var descriptor: Int32 { CMicroHTTPD_descriptor(pointer) }

    /// The peer's address, without its port.
    var peerAddress: String {
        CMicroHTTPD_peer(pointer).map { NumericAddress.text($0) } ?? ""
    }

    /// The connection's TLS; nil on a server without.
    var tlsSession: TLSSession? { TLSSession(CMicroHTTPD_tls_session(pointer)) }

    /// The object the connection callback keeps for this connection.
    var owner: HTTPConnection? {
        CMicroHTTPD_socket_context(pointer).map { Unmanaged<HTTPConnection>.fromOpaque($0).takeUnretainedValue() }
    }
}

/// A head while its fields are read one by one.
private struct HeadReading {
    var fields = HeaderFields()
    var layout: HeadLayout

    init(layout: HeadLayout) {
        self.layout = layout
        fields.reserve(fields: 8, bytes: 256)
    }

    mutating func take(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        layout.takeField(name, value)
        fields.append(
            name: name.bindMemory(to: UInt8.self).span,
            value: value.bindMemory(to: UInt8.self).span
        )
    }
}

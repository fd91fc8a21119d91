import CMicroHTTPD

/// One connection as libmicrohttpd knows it; the operations it allows on it.
///
/// `@unchecked Sendable` because the pointer is only passed on: ``resume()`` is allowed from any thread while the
/// connection is suspended, everything else is called on the connection's own thread.
struct MHDConnection: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    /// Stops callbacks, timeouts and reading until ``resume()``; only inside this connection's access callback.
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

    /// The header fields of the request, copied into one block.
    func headerFields() -> HeaderFields {
        var fields = HeaderFields()
        fields.reserve(fields: 8, bytes: 256)
        // The iterator borrows `fields` for the call only.
        withUnsafeMutablePointer(to: &fields) { fields in
            _ = MHD_get_connection_values_n(
                pointer,
                .HEADER_KIND,
                { context, _, name, nameCount, value, valueCount in
                    guard let context, let name else { return .NO }
                    let name8 = UnsafeRawBufferPointer(start: name, count: nameCount)
                    let value8 = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueCount)
                    context.assumingMemoryBound(to: HeaderFields.self).pointee.append(
                        name: name8.bindMemory(to: UInt8.self).span,
                        value: value8.bindMemory(to: UInt8.self).span
                    )
                    return .YES
                },
                fields
            )
        }
        return fields
    }

    /// The socket, or -1.
    var descriptor: Int32 { CMicroHTTPD_descriptor(pointer) }

    /// The peer's address, without its port.
    var peerAddress: String {
        CMicroHTTPD_peer(pointer).map { NumericAddress.text($0) } ?? ""
    }

    /// The object the connection callback keeps for this connection.
    var owner: HTTPConnection? {
        CMicroHTTPD_socket_context(pointer).map { Unmanaged<HTTPConnection>.fromOpaque($0).takeUnretainedValue() }
    }
}

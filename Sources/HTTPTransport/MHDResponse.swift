import CMicroHTTPD
import ServingCore

/// Makes libmicrohttpd's form of an answer without copying a body of any size; the caller destroys it. Nil where memory is
/// short.
///
/// The body's owner is retained once here and released by libmicrohttpd's free hook, which runs when the last
/// reference to the response is gone; where no response could be made the hook never runs, and the owner is released here.
func makeMHDResponse(_ response: HTTPResponse, closing: Bool) -> OpaquePointer? {
    let pieces = joiningSmall(response.body.filter { $0.count > 0 })
    guard let made = makeBody(pieces, response.companion) else { return nil }
    for header in response.headers {
        // Refused where a value holds a line break: such a field is left out rather than split into two.
        _ = MHD_add_response_header(made, header.name, header.value)
    }
    if closing || response.closesConnection {
        _ = MHD_add_response_header(made, "Connection", "close")
    }
    return made
}

/// Pieces that are small together as one: libmicrohttpd sends a single piece with the head, several after it.
private func joiningSmall(_ segments: [ByteRegion]) -> [ByteRegion] {
    let byteCount = segments.reduce(0) { $0 + $1.count }
    guard segments.count > 1, byteCount <= 8 << 10 else { return segments }
    let storage = ByteStorage(capacity: byteCount)
    for segment in segments { segment.withUnsafeBytes { _ = storage.append($0) } }
    return [storage.region]
}

private func makeBody(_ segments: [ByteRegion], _ companion: (any AnyObject & Sendable)?) -> OpaquePointer? {
    guard let first = segments.first else {
        return MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
    }
    let owner = Unmanaged.passRetained(BodyOwner(segments, companion))
    let made = segments.count == 1 ? makeSingle(first, owner) : makeVector(segments, owner)
    if made == nil { owner.release() }
    return made
}

private func makeSingle(_ region: ByteRegion, _ owner: Unmanaged<BodyOwner>) -> OpaquePointer? {
    region.withUnsafeBytes { bytes in
        // The pointer outlives this closure because `owner` holds the region.
        MHD_create_response_from_buffer_with_free_callback_cls(
            bytes.count,
            UnsafeMutableRawPointer(mutating: bytes.baseAddress),
            { BodyOwner.release($0) },
            owner.toOpaque()
        )
    }
}

private func makeVector(_ segments: [ByteRegion], _ owner: Unmanaged<BodyOwner>) -> OpaquePointer? {
    let vector = segments.map { region in
        region.withUnsafeBytes { MHD_IoVec(iov_base: $0.baseAddress, iov_len: $0.count) }
    }
    return MHD_create_response_from_iovec(vector, UInt32(vector.count), { BodyOwner.release($0) }, owner.toOpaque())
}

/// Keeps the pieces of a body alive while libmicrohttpd sends them.
private final class BodyOwner: Sendable {
    private let segments: [ByteRegion]
    private let companion: (any AnyObject & Sendable)?

    init(_ segments: [ByteRegion], _ companion: (any AnyObject & Sendable)?) {
        self.segments = segments
        self.companion = companion
    }

    /// The free hook: gives back the reference taken when the response was made.
    static func release(_ opaque: UnsafeMutableRawPointer?) {
        guard let opaque else { return }
        Unmanaged<BodyOwner>.fromOpaque(opaque).release()
    }
}

/// The standard phrase for a status code.
func reasonPhrase(_ status: Int) -> String {
    MHD_get_reason_phrase_for(UInt32(clamping: status)).map { String(cString: $0) } ?? "Unknown"
}

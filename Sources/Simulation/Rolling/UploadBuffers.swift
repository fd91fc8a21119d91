public import ServingCore

/// What lies between a link and a gateway that reads at a granted rate: each connection's buffers. Nothing unless said.
public struct UploadBuffers: Hashable, Sendable {
    /// What the kernel's holds; the gateway does not see how full it is until a body's end may be in it.
    public var kernel: ByteCount
    /// What the connection's own holds, of which the gateway knows.
    public var connection: ByteCount

    /// Makes buffers.
    public init(kernel: ByteCount = .zero, connection: ByteCount = .zero) {
        self.kernel = kernel
        self.connection = connection
    }

    /// What buffers of these sizes hold of an upload that is held back, on average: three quarters.
    ///
    /// A receiver opens its window again only when half of its buffer is free, unless a segment is less than that (RFC 9293,
    /// 3.8.6.2.2), so that what they hold goes between half and all.
    public static func ofHeldUpload(kernel: ByteCount, connection: ByteCount) -> UploadBuffers {
        func held(_ size: ByteCount) -> ByteCount { ByteCount(size.rawValue - size.rawValue / 4) }
        return UploadBuffers(kernel: held(kernel), connection: held(connection))
    }

    /// All bits they hold.
    var bits: Double { Double(kernel.rawValue) * 8 + seenBits }
    /// The bits the gateway knows of.
    var seenBits: Double { Double(connection.rawValue) * 8 }
}

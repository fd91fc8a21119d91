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

    /// All bits they hold.
    var bits: Double { Double(kernel.rawValue) * 8 + seenBits }
    /// The bits the gateway knows of.
    var seenBits: Double { Double(connection.rawValue) * 8 }
}

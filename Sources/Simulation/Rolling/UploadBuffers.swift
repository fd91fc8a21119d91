import BandwidthAllocation
public import ServingCore

/// What lies between a link and a gateway that reads at a granted rate: each connection's buffers. Nothing unless said.
public struct UploadBuffers: Hashable, Sendable {
    /// What the kernel's holds; the gateway does not see how full it is until a body's end may be in it.
    public var kernel: ByteCount
    /// What the connection's own holds, of which the gateway knows.
    public var connection: ByteCount

    /// How often the gateway looks whether a held upload may go on, and lets it go on in steps; zero for a flow without steps.
    public var tick: Duration

    /// Makes buffers.
    public init(kernel: ByteCount = .zero, connection: ByteCount = .zero, tick: Duration = .zero) {
        self.kernel = kernel
        self.connection = connection
        self.tick = tick
    }

    /// What buffers of these sizes hold of an upload that is held back, on average: three quarters.
    ///
    /// A receiver opens its window again only when half of its buffer is free, unless a segment is less than that (RFC 9293,
    /// 3.8.6.2.2), so that what they hold goes between half and all.
    public static func ofHeldUpload(
        kernel: ByteCount,
        connection: ByteCount,
        tick: Duration = .zero
    ) -> UploadBuffers {
        func held(_ size: ByteCount) -> ByteCount { ByteCount(size.rawValue - size.rawValue / 4) }
        return UploadBuffers(kernel: held(kernel), connection: held(connection), tick: tick)
    }

    /// All bits they hold.
    var bits: Double { Double(kernel.rawValue) * 8 + seenBits }

    /// The bits that come ahead of what an upload held to `rate` may use.
    ///
    /// What has been saved up for a step is lost where the end is found: the rest is free. That is the step, and half a tick's worth.
    func bits(aheadOf rate: Double) -> Double {
        guard tick > .zero, rate.isFinite else { return bits }
        let step = Double(UploadStep.bytes(of: BitsPerSecond(rate))) * 8
        return max(bits - step - rate * tick.inSeconds / 2, 0)
    }

    /// The bits the gateway knows of.
    var seenBits: Double { Double(connection.rawValue) * 8 }
}

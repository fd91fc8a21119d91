private import HTTPTransport
public import ServingCore

/// What of a body may be in the machine before its share of the uplink allows it.
extension GatewayConfiguration {
    /// What the kernel's buffer of a connection takes in; none is counted on where its size is left to the kernel.
    public var receiveBuffer: ByteCount { ByteCount(server.receiveBufferBytes) }
    /// What the connection's own buffer takes in: half of its memory is for reading.
    public var readBuffer: ByteCount { ByteCount(server.connectionMemoryBytes / 2) }

    /// How often held uploads are looked at.
    public var pacingTick: Duration { server.pacingTick }
}

import ServingCore
public import TransportSecurity

/// Every limit of the transport, with defaults for one edge server.
public struct HTTPServerConfiguration: Sendable {
    /// The address to listen on: an IPv4 or IPv6 literal, or a host name.
    public var host = "127.0.0.1"
    /// The port to listen on; 0 lets the system choose.
    public var port = 8080
    /// What clients are shown where TLS is spoken; nil speaks plain HTTP.
    public var tls: TLSIdentity?
    /// How many epoll threads serve connections.
    public var threadCount = 2
    /// How many connections may be open; one more is answered 503 and closed.
    public var connectionLimit = 4096
    /// How many bytes a body may have.
    public var maximumBodyBytes = 64 << 20
    /// How many header fields a request may have.
    public var maximumHeaderCount = 64
    /// How many bytes the header fields of a request may have together.
    public var maximumHeaderBytes = 16 << 10
    /// How many bytes path and query may have together.
    public var maximumTargetBytes = 4 << 10
    /// How long a request's head may take, from its connection's start or from its first line.
    public var headDeadline: Duration = .seconds(10)
    /// How long a connection may wait for its next request, and an upload that is held to a rate for its next byte.
    public var idleTimeout: Duration = .seconds(30)
    /// The slowest upload that is not held to a rate, and the slowest reader of an answer, in bytes per second.
    public var minimumBodyRate = 1024
    /// How long an upload may take before ``minimumBodyRate`` is asked of it.
    public var bodyGrace: Duration = .seconds(10)
    /// The windows of time in each of which a client must take ``minimumBodyRate`` of its answer.
    public var answerStallTime: Duration = .seconds(10)
    /// Memory per connection for head and buffers; half of it is the read buffer.
    ///
    /// libmicrohttpd zeroes it between two requests of one connection, so more memory makes small requests slower.
    public var connectionMemoryBytes = 32 << 10
    /// The receive buffer asked of the kernel for each connection: caps what a held upload takes of kernel memory, and caps
    /// one upload at about this many bytes per round trip (32 KiB: 32 MB/s at 1 ms, 1.6 MB/s at 20 ms).
    public var receiveBufferBytes = 32 << 10
    /// How long a connection that was answered before its body stays readable, so that the client gets the answer.
    public var lingerTime: Duration = .seconds(2)
    /// How many bytes of such a body are read and dropped.
    public var lingerBytes = 1 << 20
    /// How many connections may linger; more are closed at once.
    public var lingerConnections = 64
    /// How often held uploads are looked at.
    public var pacingTick: Duration = .milliseconds(5)
    /// How often deadlines of connections are looked at.
    public var reapingTick: Duration = .milliseconds(25)
    /// Whether a client that shuts down its sending side while it waits for its answer counts as gone.
    ///
    /// A plain `close()` of the client looks the same from here until something is sent to it.
    public var abortsOnHalfClose = false
    /// How long ``HTTPServer/stop(grace:)`` waits for the last answers to be written after its grace has ended.
    public var finalAnswerTime: Duration = .seconds(1)

    /// How many descriptors the server needs beside one for each connection: connections that are about to close or linger, and
    /// those of its threads.
    public var otherDescriptors: Int { lingerConnections + Acceptor.leavingConnections + 4 * threadCount + 16 }

    /// Makes the default configuration.
    public init() {}
}

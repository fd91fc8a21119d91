import ServingCore
import Synchronization

extension HTTPServerContext {
    /// A socket was handed to libmicrohttpd's thread.
    func opened(_ connection: MHDConnection) -> HTTPConnection {
        let now = clock()
        let opened = HTTPConnection(
            id: nextID(),
            descriptor: connection.descriptor,
            remoteAddress: connection.peerAddress,
            tls: TLSConnection(connection, server: self),
            openedAt: now,
            headDeadline: now.advanced(by: configuration.headDeadline)
        )
        if connections.insert(opened) { reaper.wake() }
        return opened
    }

    /// libmicrohttpd is about to close a socket.
    func closed(_ connection: HTTPConnection) {
        connection.closed { reaper.unwatch($0) }
        connections.remove(connection)
        openConnections.wrappingSubtract(1, ordering: .relaxed)
        if connection.tls?.hasFailed ?? false { handler.noticed(.handshakeFailed) }
    }

    /// A head arrived: it passes the gate and is given to the handler, or is refused. False closes the connection.
    ///
    /// The exchange is retained for `owner` here; the completed callback releases it.
    func headArrived(
        _ connection: MHDConnection,
        _ raw: RawHead,
        owner: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> Bool {
        guard let peer = connection.owner else { return false }
        let target = peer.headRead()
        let (fields, isPlain) = connection.headerFields(raw, targetCount: target?.byteCount ?? 0)
        let facts = HeadFacts(
            method: RawHead.text(raw.method),
            path: HeadFacts.originForm(RawHead.text(raw.path), scheme: peer.tls == nil ? "http://" : "https://"),
            query: target?.query,
            version: RawHead.text(raw.version),
            headers: fields,
            isPlain: isPlain
        )
        let length: Int?
        do throws(ServingError) {
            length = try gate.check(facts)
        } catch {
            return refuse(connection, peer, error, head(facts, contentLength: nil, peer))
        }
        let exchange = HTTPExchange(
            id: nextID(),
            head: head(facts, contentLength: length, peer),
            connection: connection,
            peer: peer,
            server: self
        )
        owner.pointee = Unmanaged.passRetained(exchange).toOpaque()
        return exchange.begin()
    }

    /// A request is over; its connection waits for the next one, lingers, or is closed by libmicrohttpd.
    func requestOver(_ connection: MHDConnection, isComplete: Bool) {
        guard let peer = connection.owner else { return }
        let now = clock()
        let next = now.advanced(by: configuration.idleTimeout)
        guard peer.requestOver(at: now, nextDeadline: next), isComplete else { return }
        lingering.adopt(copyOf: connection.descriptor)
    }

    /// What is answered to requests that the server will not wait for.
    func drainingResponse(_ exchange: HTTPExchange) -> HTTPResponse {
        handler.response(to: ServingError(.draining, "the gateway is shutting down"), on: exchange)
    }

    private func head(_ facts: HeadFacts, contentLength: Int?, _ peer: HTTPConnection) -> RequestHead {
        RequestHead(
            method: facts.method,
            path: facts.path,
            query: facts.query,
            headers: facts.headers,
            contentLength: contentLength,
            remoteAddress: peer.remoteAddress,
            clientSubject: peer.tls?.clientSubject,
            arrival: clock()
        )
    }

    /// Answers a head that did not pass the gate, then closes: where its body ends cannot be known.
    private func refuse(
        _ connection: MHDConnection,
        _ peer: HTTPConnection,
        _ error: ServingError,
        _ head: RequestHead
    ) -> Bool {
        let response = handler.completed(handler.response(to: error, head: head), for: head)
        peer.answering(deadline: writeDeadline(response.bodyByteCount), lingers: true)
        return connection.queue(response, closing: true)
    }
}

extension HeadFacts {
    /// The path of a target in absolute form (`http://host/path`, RFC 9112, 3.2.2), or the target itself.
    static func originForm(_ target: String, scheme: String = "http://") -> String {
        guard target.utf8.first != UInt8(ascii: "/") else { return target }
        guard target.count > scheme.count, target.prefix(scheme.count).lowercased() == scheme else { return target }
        let rest = target.dropFirst(scheme.count)
        return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
    }
}

import NIOCore
import NIOHTTP1

/// One connection: carries one call at a time and goes back to its pool after each.
final class CallConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// How much of an answer's body is kept: enough for an error and for a model's metadata.
    private static let keptBytes = 1 << 20
    /// How long a 100 is waited for before the body is sent all the same (RFC 9110, section 10.1.1).
    private static let patience = TimeAmount.seconds(1)

    private let pool: ConnectionPool
    private var context: ChannelHandlerContext?
    private var call: HTTPCall?
    private var status: HTTPResponseHead?
    private var answer = ByteBuffer()
    private var isFresh = true
    /// The body may be sent; what pacing or a 100 had to be waited for is over.
    private var isSending = false

    init(pool: ConnectionPool) {
        self.pool = pool
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Sends the call; the connection carries none.
    func carry(_ call: HTTPCall) {
        self.call = call
        call.connection = self
        guard let context else { return fail("the connection is closed") }
        status = nil
        answer.clear()
        isSending = false
        context.write(wrapOutboundOut(.head(call.head)), promise: nil)
        if call.expectsContinue {
            context.flush()
            context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { [weak self, weak call] in
                if let self, let call, self.call === call { self.startBody() }
            }
        } else {
            startBody()
        }
        call.started()
    }

    /// Gives the call up and closes.
    func abandon() {
        let abandoned = call
        call = nil
        context?.close(promise: nil)
        abandoned?.end(.abandoned)
    }

    private func startBody() {
        guard !isSending, call != nil else { return }
        isSending = true
        guard call?.link != nil else { return sendRest() }
        context?.flush()
        sendNextPiece()
    }

    private func sendRest() {
        guard let call, let context else { return }
        call.sentBytes = call.body.readableBytes
        if call.sentBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(call.body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Sends the body piece by piece, each when its last byte has gone over the device's link.
    private func sendNextPiece() {
        guard let call, let link = call.link, let context else { return }
        let length = min(link.pieceBytes, call.body.readableBytes - call.sentBytes)
        guard length > 0 else { return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
        let due = link.book(length, at: .now())
        context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self, weak call] in
            guard let self, let call, self.call === call, let context = self.context,
                let piece = call.body.getSlice(at: call.body.readerIndex + call.sentBytes, length: length)
            else { return }
            call.sentBytes += length
            context.writeAndFlush(self.wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil)
            self.sendNextPiece()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head) where head.status.code == 100: startBody()
        case .head(let head) where head.status.code < 200: break
        case .head(let head): status = head
        case .body(var bytes):
            if answer.readableBytes < Self.keptBytes { answer.writeBuffer(&bytes) }
        case .end:
            finish(context)
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard let call, let status else { return }
        self.call = nil
        self.status = nil
        isFresh = false
        // After an answer to an unfinished body the connection is of no use: the rest would be read as a request.
        if status.isKeepAlive, call.sentBytes == call.body.readableBytes {
            pool.takeBack(self)
        } else {
            context.close(promise: nil)
        }
        call.end(.answered(status: Int(status.status.code), body: answer))
    }

    func channelInactive(context: ChannelHandlerContext) {
        pool.forget(self)
        fail("the connection was closed before the answer")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(TransportFault.description(of: error))
        context.close(promise: nil)
    }

    private func fail(_ reason: String) {
        guard let call else { return }
        self.call = nil
        // A server may close an idle connection while a request is on its way: that is nobody's failure, once.
        if !isFresh, status == nil, !call.isSecondTry {
            call.isSecondTry = true
            call.sentBytes = 0
            pool.start(call)
        } else {
            call.end(.broken(reason))
        }
    }
}

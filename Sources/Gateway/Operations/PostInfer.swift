internal import Dispatching
internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `POST /v2/models/{model}/infer`: judged at the head, read at the granted rate, run in a batch, answered.
struct PostInfer: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        let model = Result { () throws(ServingError) in try core.catalog.look(for: request.parameters) }
        do throws(ServingError) {
            try CrossSiteGate(allowing: core.configuration.crossOrigins).check(request.head)
            // Who has no key does not learn which models there are.
            let now = core.clock()
            let caller = try core.callers.enter(request, at: now)
            let found = try model.get().servable(at: now)
            let ticket = try admit(request, found, exchange, caller)
            request.ticket = ticket
            core.metrics.admit(ticket)
            ticket.setGrantedRate()
            if request.head.contentLength != 0 { core.uplink.watch(ticket.id, on: exchange) }
            return .receiveBody
        } catch {
            core.callers.leave(request, unusedBytes: request.head.contentLength ?? 0)
            let record = (try? model.get())?.record
            core.metrics.reject(request.id, request.head, owner: request.callerName, error, record)
            record?.countFailure(.zero)
            throw error
        }
    }

    func finish(_ request: OperationRequest, body: ByteRegion, on exchange: HTTPExchange) throws(ServingError) {
        guard let ticket = request.ticket else {
            throw ServingError(.internalError, "an inference request reached its body without a ticket")
        }
        core.uplink.finish(ticket.id, bytes: body.count)
        do throws(ServingError) {
            let call = try decode(body, of: request, for: ticket)
            let deadline = ticket.accept(call, uploaded: core.clock())
            core.loop.handle(.uploadFinished(ticket.id, deadline: deadline))
        } catch {
            core.loop.handle(.bodyRejected(ticket.id))
            core.metrics.settle(ticket, .init(failing: error), error: error)
            ticket.record.countFailure(ticket.arrival.duration(to: core.clock()))
            throw error
        }
    }

    /// Reads a body; what a long JSON text takes while it is read counts as body memory.
    private func decode(
        _ body: ByteRegion,
        of request: OperationRequest,
        for ticket: InferenceTicket
    ) throws(ServingError) -> InferenceCall {
        var claims: [MemoryClaim] = []
        defer { withExtendedLifetime(claims) {} }
        return try core.decoder(for: ticket.record.model).decode(
            body: body,
            headerLength: Self.headerLength(request.head)
        ) { (bytes) throws(ServingError) in
            claims.append(try core.claimBody(bytes, for: ticket.caller))
        }
    }

    func ended(_ request: OperationRequest, on exchange: HTTPExchange, _ end: ExchangeEnd) {
        guard let ticket = request.ticket else { return }
        core.callers.leave(request)
        core.uplink.forget(ticket.id)
        if ticket.outcome == nil {
            // The client went away, or the transport gave the answer itself: too slow a body, or the gateway stops.
            core.loop.handle(.cancelled(ticket.id))
            let error = request.transportError ?? (end == .aborted ? nil : .draining)
            core.metrics.settle(ticket, error.map { .init(failing: $0) } ?? .cancelled, error: error)
        }
        core.metrics.uploads.count(exchange.receivedBytes, isWasted: ticket.outcome != .met)
    }

    /// Everything the head decides, cheapest first.
    private func admit(
        _ request: OperationRequest,
        _ record: ModelRecord,
        _ exchange: HTTPExchange,
        _ caller: CallerGate.Caller
    ) throws(ServingError) -> InferenceTicket {
        let head = request.head
        guard !core.isDraining else { throw .draining }
        let length = try bodyLength(head)
        let timeout = try RequestDeadline.shortest { head.headers.all($0) }
        let limits = core.live.requests
        let deadline = head.arrival.advanced(by: min(timeout ?? limits.defaultTimeout, limits.maximumTimeout))
        let arrival = Arrival(
            id: request.id,
            model: record.model.id,
            bodyBytes: ByteCount(length),
            spectralEfficiency: try LinkQuality.spectralEfficiency(values: head.headers.all(LinkQuality.header)),
            linkRate: core.uplink.linkRate(of: head.remoteAddress),
            deadline: deadline
        )
        // Lives as long as the exchange or the body's bytes, whichever are let go of last.
        exchange.setBodyAllowance(try core.claimBody(length, for: caller))
        do throws(ServingError) {
            return try core.loop.admit(arrival) { grant, record in
                InferenceTicket(
                    id: request.id,
                    owner: request.callerName,
                    record: record,
                    exchange: exchange,
                    arrival: head.arrival,
                    deadline: deadline,
                    latestDeadline: timeout == nil ? head.arrival.advanced(by: limits.maximumTimeout) : deadline,
                    grant: grant,
                    caller: caller
                )
            }
        } catch {
            var refusal = error
            // The dispatcher knows what is left of the deadline; the caller knows what it asked for.
            if let left = error.deadline {
                let asked = head.arrival.duration(to: deadline)
                refusal.deadline = asked
                refusal.earliestDeadline = error.earliestDeadline.map { $0 + (asked - left) }
            }
            throw refusal
        }
    }

    /// The declared length, with the JSON part inside it and inside its limit.
    private func bodyLength(_ head: RequestHead) throws(ServingError) -> Int {
        guard let length = head.contentLength else {
            throw ServingError(.lengthRequired, "an inference request needs a Content-Length", field: "Content-Length")
        }
        let json = try Self.headerLength(head) ?? length
        guard json <= length else {
            throw ServingError(
                .invalidField,
                "\(Self.headerLengthField) is \(json), the body only \(length) bytes",
                field: Self.headerLengthField
            )
        }
        let limit = core.live.requests.maximumJSONBytes.rawValue
        guard json <= limit else {
            throw ServingError(
                .bodyTooLarge,
                "the JSON part has at most \(limit) bytes: send large tensors as binary data",
                field: head.headers.first(Self.headerLengthField) == nil ? "Content-Length" : Self.headerLengthField
            )
        }
        return length
    }

    private static let headerLengthField = "Inference-Header-Content-Length"

    private static func headerLength(_ head: RequestHead) throws(ServingError) -> Int? {
        let given = head.headers.all(headerLengthField)
        guard let text = given.first else { return nil }
        guard given.count == 1 else {
            throw ServingError(.invalidField, "\(headerLengthField) is given twice", field: headerLengthField)
        }
        return try InferenceRequestDecoder.headerLength(from: text)
    }
}

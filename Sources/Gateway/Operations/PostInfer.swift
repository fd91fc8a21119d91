internal import Dispatching
internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `POST /v2/models/{model}/infer`: judged at the head, read at the granted rate, run in a batch, answered.
struct PostInfer: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        let model = Result { () throws(ServingError) in try core.catalog.find(request.parameters) }
        do throws(ServingError) {
            // Who has no key does not learn which models there are.
            try core.callers.enter(request, at: core.clock())
            let found = try model.get()
            let ticket = try admit(request, found, exchange)
            request.ticket = ticket
            core.metrics.admit(ticket)
            ticket.setGrantedRate()
            if request.head.contentLength != 0 { core.uplink.watch(ticket.id, on: exchange) }
            return .receiveBody
        } catch {
            core.callers.leave(request, unusedBytes: request.head.contentLength ?? 0)
            let record = try? model.get()
            core.metrics.reject(request, error, record)
            record?.countFailure(.zero)
            throw error
        }
    }

    func finish(_ request: OperationRequest, body: ByteRegion, on exchange: HTTPExchange) throws(ServingError) {
        guard let ticket = request.ticket else {
            throw ServingError(.internalError, "an inference request reached its body without a ticket")
        }
        core.uplink.forget(ticket.id)
        do throws(ServingError) {
            let model = ticket.record.model
            let call = try core.decoder(for: model).decode(body: body, headerLength: Self.headerLength(request.head))
            let deadline = ticket.accept(call, uploaded: core.clock())
            core.loop.handle(.uploadFinished(ticket.id, deadline: deadline))
        } catch {
            core.loop.handle(.bodyRejected(ticket.id))
            core.metrics.settle(ticket, .error, error: error)
            ticket.record.countFailure(ticket.arrival.duration(to: core.clock()))
            throw error
        }
    }

    func ended(_ request: OperationRequest, on exchange: HTTPExchange, _ end: ExchangeEnd) {
        guard let ticket = request.ticket else { return }
        core.callers.leave(request)
        core.bodyMemory.release(request.head.contentLength ?? 0)
        core.uplink.forget(ticket.id)
        if ticket.outcome == nil {
            // The client went away, or the transport gave the answer itself because the gateway stops.
            core.loop.handle(.cancelled(ticket.id))
            core.metrics.settle(ticket, end == .aborted ? .cancelled : .error)
        }
        core.metrics.uploads.count(exchange.receivedBytes, isWasted: ticket.outcome != .met)
    }

    /// Everything the head decides, cheapest first.
    private func admit(
        _ request: OperationRequest,
        _ record: ModelRecord,
        _ exchange: HTTPExchange
    ) throws(ServingError) -> InferenceTicket {
        let head = request.head
        guard !core.isDraining else { throw .draining }
        let length = try bodyLength(head)
        let timeout = try RequestDeadline.shortest { head.headers.all($0) }
        let limits = core.configuration.requests
        let deadline = head.arrival.advanced(by: min(timeout ?? limits.defaultTimeout, limits.maximumTimeout))
        let arrival = Arrival(
            id: request.id,
            model: record.model.id,
            bodyBytes: ByteCount(length),
            spectralEfficiency: try LinkQuality.spectralEfficiency(values: head.headers.all(LinkQuality.header)),
            linkRate: core.uplink.linkRate(of: head.remoteAddress),
            deadline: deadline
        )
        guard core.bodyMemory.reserve(length) else {
            throw ServingError(
                .queueFull,
                "the bodies of waiting requests fill the memory set aside for them",
                retryAfter: .seconds(1)
            )
        }
        do throws(ServingError) {
            return try core.loop.admit(arrival) { grant in
                InferenceTicket(
                    id: request.id,
                    record: record,
                    exchange: exchange,
                    arrival: head.arrival,
                    deadline: deadline,
                    latestDeadline: timeout == nil ? head.arrival.advanced(by: limits.maximumTimeout) : deadline,
                    grant: grant
                )
            }
        } catch {
            core.bodyMemory.release(length)
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
        let limit = core.configuration.requests.maximumJSONBytes.rawValue
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

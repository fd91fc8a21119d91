internal import Dispatching
internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// A successful inference on its way back to its caller.
struct InferenceAnswer: Sendable {
    /// The request.
    let ticket: InferenceTicket
    /// What its answer has to look like.
    let form: AnswerForm
    /// All outputs of its model.
    let outputs: [Tensor]
    /// What its time went into, as far as it was measured.
    let measured: LatencyBreakdown
    /// The batch it ran in.
    let batch: BatchJob

    /// How many bytes the tensors of the answer take.
    var byteCount: Int { byteCount { _ in true } }

    /// Whether the answer is so large that its memory is accounted for: smaller ones fit the kernel's buffers.
    var isLarge: Bool { byteCount > 64 << 10 }

    /// Whether writing the answer takes milliseconds.
    var hasMuchJSON: Bool { byteCount { !$0.isBinary } > 256 << 10 }

    /// The bytes of the outputs asked for that count.
    private func byteCount(where counts: (OutputRequest) -> Bool) -> Int {
        var sum = 0
        for request in form.outputs where outputs.indices.contains(request.index) && counts(request) {
            sum += outputs[request.index].data.count
        }
        return sum
    }

    /// Writes the answer.
    ///
    /// - Throws: ``ServingError`` where an output has no form the caller can take.
    func response() throws(ServingError) -> HTTPResponse {
        let encoded = try InferenceResponseEncoder.encode(
            model: ticket.record.model.id,
            outputs: outputs,
            form: form,
            parameters: parameters
        )
        var headers = [(name: "Content-Type", value: encoded.contentType)]
        if let length = encoded.headerLength { headers.append(("Inference-Header-Content-Length", String(length))) }
        if isForBrowser { headers.append(("Server-Timing", serverTiming)) }
        return HTTPResponse(status: 200, headers: headers, body: encoded.segments)
    }

    /// Whether a browser asks, whose tools show `Server-Timing`; other clients read the same in the body. A browser's POST has an
    /// `Origin`.
    private var isForBrowser: Bool { ticket.exchange.head.headers.first("Origin") != nil }

    private var serverTiming: String {
        let parts = [
            ("upload", measured.upload), ("wait", measured.wait), ("load", measured.load),
            ("compute", measured.compute),
        ]
        return parts.map { "\($0.0);dur=\($0.1.roundedMilliseconds)" }.joined(separator: ", ")
    }

    /// The grant and what became of it; clients of tritonclient see no headers, so it stands in the body.
    private var parameters: [NamedParameter] {
        let told = [
            NamedParameter("upload_ms", .number(measured.upload.roundedMilliseconds)),
            NamedParameter("wait_ms", .number(measured.wait.roundedMilliseconds)),
            NamedParameter("load_ms", .number(measured.load.roundedMilliseconds)),
            NamedParameter("compute_ms", .number(measured.compute.roundedMilliseconds)),
            NamedParameter("blocks_reused", .integer(Int64(batch.order.reusedBlocks))),
            NamedParameter("blocks_loaded", .integer(Int64(batch.order.loadedBlocks))),
            NamedParameter("batch_size", .integer(Int64(batch.tickets.count))),
            NamedParameter("request_id", .string(ticket.id.description)),
        ]
        let first = granted + observed
        return first.isEmpty ? told : first + told
    }
}

extension InferenceAnswer {
    /// The rate of the upload, where it was held to one.
    private var granted: [NamedParameter] {
        ticket.grant.rate.map { [NamedParameter("granted_bits_per_second", .number($0.rawValue.rounded()))] } ?? []
    }

    /// What would have been decided, where that is only observed.
    private var observed: [NamedParameter] {
        guard let observed = ticket.grant.observed else { return [] }
        let refusal = observed.refusal.map { NamedParameter("observed_reason", .string(RejectionReason($0).rawValue)) }
        let rate = observed.rate.map { NamedParameter("observed_bits_per_second", .number($0.rawValue.rounded())) }
        return [NamedParameter("observed_decision", .string(observed.word))] + [refusal, rate].compactMap(\.self)
    }
}

extension ObservedDecision {
    /// The word for it in answers.
    var word: String { refusal == nil ? "admitted" : "rejected" }
}

extension Duration {
    /// Milliseconds to the microsecond.
    fileprivate var roundedMilliseconds: Double { (inSeconds * 1e6).rounded() / 1e3 }
}

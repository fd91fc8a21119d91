internal import Dispatching
internal import JSONCoding
internal import ServingCore

/// The answer to `GET /v1/requests/{id}`: what was decided on one request, and what became of it.
struct RequestDocument: JSONWritable {
    /// What is known of the request.
    let entry: RequestJournal.Entry
    /// Where it stands, while it is under way.
    let view: RequestView?
    /// Why it waits, where it does.
    let waiting: WaitingRequest?
    /// The moment.
    let now: MonotonicInstant

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            switch entry {
            case .underWay(let ticket): write(ticket, to: &writer)
            case .ended(let record): write(record, to: &writer)
            }
        }
    }

    private func write(_ ticket: InferenceTicket, to writer: inout JSONWriter) {
        writer.member("request_id", ticket.id.description)
        writer.model(ticket.record.model.id)
        writer.member("decision", "admitted")
        writer.member("state", state)
        writer.member("age_ms", milliseconds: ticket.arrival.duration(to: now))
        writer.member("deadline_ms", milliseconds: ticket.arrival.duration(to: ticket.deadline))
        write(ticket.grant, ticket.shares, from: ticket.arrival, to: &writer)
        guard let waiting else { return }
        writer.member("batch", waiting.batch)
        writer.member("waits_for", waiting.cause.word)
        writer.member("why", waiting.cause.sentence)
    }

    /// A request that left the dispatcher and is not settled has its answer written at this moment.
    private var state: String {
        switch view?.phase {
        case .uploading: "uploading"
        case .ready: "waiting"
        case .running: "running"
        case nil: "answering"
        }
    }

    private func write(
        _ grant: Grant,
        _ shares: ShareHistory?,
        from arrival: MonotonicInstant,
        to writer: inout JSONWriter
    ) {
        if let share = grant.share { writer.member("granted_hz", orNull: share.rawValue) }
        if let rate = grant.rate { writer.member("granted_bits_per_second", orNull: rate.rawValue) }
        if let shares, grant.share != nil { write(shares, of: grant, from: arrival, to: &writer) }
        writer.member("estimate", grant.estimate)
        if let observed = grant.observed { write(observed, to: &writer) }
    }

    private func write(_ observed: ObservedDecision, to writer: inout JSONWriter) {
        writer.member("observed_decision", observed.word)
        if let refusal = observed.refusal { writer.member("observed_reason", RejectionReason(refusal).rawValue) }
        if let rate = observed.rate { writer.member("observed_bits_per_second", orNull: rate.rawValue) }
    }

    private func write(
        _ shares: ShareHistory,
        of grant: Grant,
        from arrival: MonotonicInstant,
        to writer: inout JSONWriter
    ) {
        let efficiency = (grant.rate?.rawValue ?? 0) / (grant.share?.rawValue ?? 0)
        writer.member("share_changes", shares.count)
        writer.key("later_shares")
        writer.array { writer in
            for change in shares.changes {
                guard let rate = change.rate?.rawValue else { continue }
                writer.object { writer in
                    writer.member("at_ms", milliseconds: arrival.duration(to: change.time))
                    writer.member("hz", orNull: rate / efficiency)
                    writer.member("bits_per_second", orNull: rate)
                }
            }
        }
    }

    private func write(_ record: RequestRecord, to writer: inout JSONWriter) {
        writer.member("request_id", record.id.description)
        if let model = record.model { writer.model(model) }
        switch record.end {
        case .rejected(let reason):
            writer.member("decision", "rejected")
            writer.member("state", "rejected")
            writer.member("reason", reason.rawValue)
            if let estimate = record.error?.breakdown { writer.member("estimate", estimate) }
        case .settled(let outcome):
            writer.member("decision", "admitted")
            writer.member("state", outcome.rawValue)
        }
        writer.member("age_ms", milliseconds: record.arrival.duration(to: now))
        if let deadline = record.deadline {
            writer.member("deadline_ms", milliseconds: record.arrival.duration(to: deadline))
        }
        if let grant = record.grant { write(grant, record.shares, from: record.arrival, to: &writer) }
        writeEnd(of: record, to: &writer)
    }

    private func writeEnd(of record: RequestRecord, to writer: inout JSONWriter) {
        writer.member("total_ms", milliseconds: record.arrival.duration(to: record.settled))
        if let measured = record.measured { writer.member("actual", measured) }
        if let batch = record.batch {
            writer.member("batch_size", batch.size)
            writer.member("blocks_reused", batch.blocksReused)
            writer.member("blocks_loaded", batch.blocksLoaded)
        }
        guard let error = record.error else { return }
        writer.key("error")
        writer.object { writer in
            writer.member("code", error.code.rawValue)
            writer.member("detail", error.message)
            if let field = error.field { writer.member("field", field) }
        }
    }
}

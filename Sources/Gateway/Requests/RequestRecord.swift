internal import Dispatching
internal import ServingCore

/// What was decided on an inference request and what became of it, kept for a while after it ended.
final class RequestRecord: Sendable {
    /// How it ended.
    enum End: Sendable {
        /// Refused at its head.
        case rejected(RejectionReason)
        /// Admitted, and settled so.
        case settled(InferenceTicket.Outcome)
    }

    /// The batch it ran in.
    struct Batch: Sendable {
        let size: Int
        let blocksReused: Int
        let blocksLoaded: Int
    }

    /// The gateway's number for it.
    let id: RequestID
    /// The holder of the key it came with; nil where keys are off, or where it had none that is good.
    let owner: String?
    /// The model it asked for; nil where there is none of that name.
    let model: ModelID?
    /// When its head arrived.
    let arrival: MonotonicInstant
    /// When its answer was due; nil where it was refused before that was known.
    let deadline: MonotonicInstant?
    /// What it was granted; nil where it was refused.
    let grant: Grant?
    /// How its share changed after that; nil where it was refused.
    let shares: ShareHistory?
    /// When it was settled.
    let settled: MonotonicInstant
    /// How it ended.
    let end: End
    /// The error it was answered with.
    let error: ServingError?
    /// What its time went into; nil where it did not run.
    let measured: LatencyBreakdown?
    /// The batch it ran in; nil where it did not run.
    let batch: Batch?

    /// A refusal.
    init(
        refused id: RequestID,
        owner: String? = nil,
        model: ModelID?,
        arrival: MonotonicInstant,
        error: ServingError,
        at now: MonotonicInstant
    ) {
        self.id = id
        self.owner = owner
        self.model = model
        self.arrival = arrival
        self.error = error
        deadline = error.deadline.map { arrival.advanced(by: $0) }
        settled = now
        end = .rejected(RejectionReason(error.code))
        (grant, shares, measured, batch) = (nil, nil, nil, nil)
    }

    /// The end of an admitted request.
    init(
        of ticket: InferenceTicket,
        _ outcome: InferenceTicket.Outcome,
        error: ServingError?,
        answer: InferenceAnswer?,
        at now: MonotonicInstant
    ) {
        id = ticket.id
        owner = ticket.owner
        model = ticket.record.model.id
        arrival = ticket.arrival
        deadline = ticket.deadline
        grant = ticket.grant
        shares = ticket.shares
        settled = now
        end = .settled(outcome)
        self.error = error
        measured = answer?.measured
        batch = answer.map {
            Batch(
                size: $0.batch.tickets.count,
                blocksReused: $0.batch.order.reusedBlocks,
                blocksLoaded: $0.batch.order.loadedBlocks
            )
        }
    }
}

internal import Dispatching
internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore
private import Synchronization

/// One admitted inference request, from its admission to its answer.
final class InferenceTicket: Sendable {
    /// The gateway's number for it.
    let id: RequestID
    /// The holder of the key it came with; nil where keys are off.
    let owner: String?
    /// The model it asks for.
    let record: ModelRecord
    /// The connection that waits for the answer.
    let exchange: HTTPExchange
    /// When its head arrived.
    let arrival: MonotonicInstant
    /// What it was granted.
    let grant: Grant
    /// Who sent it.
    let caller: CallerGate.Caller
    /// What its deadline may be at most: the head's where that names one, else as long as may be asked for.
    let latestDeadline: MonotonicInstant

    private struct State {
        var deadline: MonotonicInstant
        var call: InferenceCall?
        var uploaded: MonotonicInstant?
        var outcome: Outcome?
        var shares = ShareHistory()
    }
    private let state: Mutex<State>
    private let rates = RevisionGate()
    private let isCounted = Atomic(false)

    init(
        id: RequestID,
        owner: String? = nil,
        record: ModelRecord,
        exchange: HTTPExchange,
        arrival: MonotonicInstant,
        deadline: MonotonicInstant,
        latestDeadline: MonotonicInstant,
        grant: Grant,
        caller: CallerGate.Caller
    ) {
        self.id = id
        self.owner = owner
        self.record = record
        self.exchange = exchange
        self.arrival = arrival
        self.latestDeadline = latestDeadline
        self.grant = grant
        self.caller = caller
        state = Mutex(State(deadline: deadline))
    }

    /// When the answer is due; the body may have changed it.
    var deadline: MonotonicInstant { state.withLock { $0.deadline } }

    /// What the body asks for, once it was read.
    var call: InferenceCall? { state.withLock { $0.call } }

    /// When the body was complete, or when it was asked for.
    var uploaded: MonotonicInstant { state.withLock { $0.uploaded } ?? arrival }

    /// How its share changed since it was granted.
    var shares: ShareHistory { state.withLock { $0.shares } }

    /// Holds its upload to the rate that it was granted, where it was.
    func setGrantedRate() {
        guard let rate = grant.rate else { return }
        rates.pass(0) { exchange.setUploadRate(rate) }
    }

    /// Holds its upload to another rate, unless a later one was set already: threads may carry out decisions in any order.
    func setUploadRate(_ rate: BitsPerSecond?, revision: Int, at now: MonotonicInstant) {
        rates.pass(revision) {
            state.withLock { $0.shares.add(rate, at: now) }
            exchange.setUploadRate(rate)
        }
    }

    /// Takes what the body asks for; returns the deadline that it names, cut to the latest there may be, or nil for none.
    func accept(_ call: InferenceCall, uploaded: MonotonicInstant) -> MonotonicInstant? {
        let named = call.parameters.timeout.map { min(arrival.advanced(by: $0), latestDeadline) }
        return state.withLock { state in
            state.call = call
            state.uploaded = uploaded
            if let named { state.deadline = named }
            return named
        }
    }

    /// How the request ended, once that is known.
    var outcome: Outcome? { state.withLock { $0.outcome } }

    /// Settles how the request ended; only the first time counts and returns true.
    func settle(_ outcome: Outcome) -> Bool {
        state.withLock { state in
            guard state.outcome == nil else { return false }
            state.outcome = outcome
            return true
        }
    }

    /// True the first time: whoever is told so counts the admission.
    func enterLedger() -> Bool { !isCounted.exchange(true, ordering: .relaxed) }

    /// How an admitted request ended.
    enum Outcome: String, CaseIterable, Sendable {
        /// Answered 200 before its deadline.
        case met
        /// Answered 200 after its deadline.
        case late
        /// Not answered in time: a promise that was not kept, or a deadline that the body brought forward too far.
        case missed
        /// Answered that its body or its upload is at fault.
        case invalid
        /// Failed in the gateway or its engine.
        case error
        /// The client went away.
        case cancelled

        /// How a request ended that was answered with `error`.
        init(failing error: ServingError) {
            switch error.code.httpStatus {
            case 400..<500, 501: self = .invalid
            case 504: self = .missed
            default: self = .error
            }
        }
    }
}

internal import Dispatching
internal import ServingCore

/// What the dispatcher's actions come to outside; called with no lock held, from any thread.
protocol DispatchEffects: Sendable {
    /// Carries out one effect.
    func perform(_ effect: DispatchEffect)
}

/// One action of the dispatcher, joined with the tickets it concerns.
enum DispatchEffect: Sendable {
    /// The executor runs a batch.
    case run(BatchJob)
    /// The executor ends the batch that it runs.
    case terminate(OrderID, lane: Int)
    /// The loader changes what is in memory.
    case load(LoadOrder)
    /// The planner looks for a better order.
    case plan(PlanningTask)
    /// A waiting request is answered with an error.
    case fail(InferenceTicket, ServingError)
    /// An upload's rate changes; see ``InferenceTicket/setUploadRate(_:revision:at:)`` for its number.
    case setUploadRate(InferenceTicket, BitsPerSecond?, revision: Int)
    /// The dispatcher wants a tick at this time.
    case wake(MonotonicInstant)
    /// What something took is known, and what it was estimated at.
    case estimateChecked(EstimateCheck)
    /// A model is pinned, or could not be.
    case pinned(ModelID, ServingError?)
    /// A model is not pinned any more.
    case unpinned(ModelID)
}

/// A batch with the tickets of its requests, in the order of the requests.
///
/// A class: each of its answers refers to it.
final class BatchJob: Sendable {
    /// What to run.
    let order: BatchOrder
    /// The model in the form whose blocks are in memory; nil where the order names a form that is not known.
    let model: ServableModel?
    /// For whom.
    let tickets: [InferenceTicket]

    init(order: BatchOrder, model: ServableModel?, tickets: [InferenceTicket]) {
        self.order = order
        self.model = model
        self.tickets = tickets
    }
}

/// Effects collected under the lock, to be carried out after it; mostly none or one, which costs no allocation.
struct PendingEffects {
    private var first: DispatchEffect?
    private var rest: [DispatchEffect] = []

    mutating func append(_ effect: DispatchEffect) {
        if first == nil { first = effect } else { rest.append(effect) }
    }

    func perform(_ effects: any DispatchEffects) {
        guard let first else { return }
        effects.perform(first)
        rest.forEach(effects.perform)
    }
}

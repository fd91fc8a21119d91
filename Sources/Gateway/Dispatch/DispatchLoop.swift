internal import Dispatching
internal import ServingCore
private import Synchronization

/// The thin shell around the ``Dispatcher``: it locks, lets it decide, and acts after unlocking.
///
/// Events come from the transport's threads, the loader, the executor, the planner and the alarm. The only lock here
/// is held while the dispatcher decides, and nothing else is locked meanwhile.
final class DispatchLoop: Sendable {
    fileprivate struct State {
        var dispatcher: Dispatcher
        var tickets: [RequestID: InferenceTicket] = [:]
        /// The models that can be asked for: always those of the dispatcher's catalog.
        var records: [ModelID: ModelRecord] = [:]
        /// The same and those of earlier catalogs that something under way still needs.
        var forms: [ModelForm: ModelRecord] = [:]
        var actions: [DispatchAction] = []
    }

    private let state: Mutex<State>
    private let clock: @Sendable () -> MonotonicInstant
    private let effects: any DispatchEffects

    /// Makes a loop around a dispatcher of the same catalog as `records`.
    init(
        dispatcher: Dispatcher,
        records: [ModelID: ModelRecord] = [:],
        effects: any DispatchEffects,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) {
        var state = State(dispatcher: dispatcher)
        state.adopt(records)
        self.state = Mutex(state)
        self.effects = effects
        self.clock = clock
    }

    /// Asks for a verdict on a request at its head; `ticket` gets the model in the form the verdict is about.
    ///
    /// - Throws: the refusal.
    func admit(
        _ arrival: Arrival,
        ticket: (Grant, ModelRecord) -> InferenceTicket
    ) throws(ServingError) -> InferenceTicket {
        var pending = PendingEffects()
        let verdict: Result<InferenceTicket, ServingError>? = state.withLock { state in
            state.dispatcher.handle(.arrived(arrival), at: clock(), into: &state.actions)
            var verdict: Result<InferenceTicket, ServingError>?
            for action in state.actions {
                switch action {
                case .admit(arrival.id, let grant):
                    guard let record = state.records[arrival.model] else { continue }
                    let admitted = ticket(grant, record)
                    state.tickets[arrival.id] = admitted
                    verdict = .success(admitted)
                case .reject(arrival.id, let refusal):
                    verdict = .failure(refusal)
                default:
                    Self.collect(action, &state, into: &pending)
                }
            }
            state.actions.removeAll(keepingCapacity: true)
            return verdict
        }
        pending.perform(effects)
        guard let verdict else { throw ServingError(.internalError, "no verdict was given") }
        return try verdict.get()
    }

    /// Tells the dispatcher of an event and does what it asks for.
    func handle(_ event: DispatchEvent) {
        var pending = PendingEffects()
        state.withLock { state in
            state.dispatcher.handle(event, at: clock(), into: &state.actions)
            for action in state.actions { Self.collect(action, &state, into: &pending) }
            state.actions.removeAll(keepingCapacity: true)
            Self.forget(event, &state)
        }
        pending.perform(effects)
    }

    /// Changes to the models of another reading of the store, for dispatcher and tickets at once; returns the models of earlier
    /// readings that something under way still needs.
    func publish(_ generation: CatalogGeneration) -> [ModelRecord] {
        var pending = PendingEffects()
        let inUse = state.withLock { state in
            for record in generation.records.values { state.forms[record.form] = record }
            state.dispatcher.handle(.catalogChanged(generation.dispatch), at: clock(), into: &state.actions)
            for action in state.actions { Self.collect(action, &state, into: &pending) }
            state.actions.removeAll(keepingCapacity: true)
            return state.adopt(generation.records)
        }
        pending.perform(effects)
        return inUse
    }

    /// Reads from the dispatcher, under the lock: keep it short.
    func read<Value: Sendable>(_ body: (borrowing Dispatcher) -> Value) -> Value {
        state.withLock { body($0.dispatcher) }
    }

    /// The dispatcher as it is now, to be looked at in peace: only the copy, which shares memory, is made under the lock.
    ///
    /// The next event copies what it changes, once; so take snapshots for people, not for requests.
    func snapshot() -> Dispatcher {
        state.withLock { $0.dispatcher }
    }

    /// Joins an action with the tickets it concerns, while they cannot change.
    private static func collect(_ action: DispatchAction, _ state: inout State, into pending: inout PendingEffects) {
        switch action {
        case .run(let order):
            // Not one ticket is missing here: only the end of a batch, a failure or a cancel takes one out.
            let tickets = order.requests.compactMap { state.tickets.removeValue(forKey: $0) }
            pending.append(.run(BatchJob(order: order, model: state.forms[order.form]?.model, tickets: tickets)))
        case .fail(let id, let error):
            guard let ticket = state.tickets.removeValue(forKey: id) else { return }
            pending.append(.fail(ticket, error))
        case .setUploadRate(let id, let rate, let revision):
            guard let ticket = state.tickets[id] else { return }
            pending.append(.setUploadRate(ticket, rate, revision: revision))
        case .terminate(let order, let lane): pending.append(.terminate(order, lane: lane))
        case .load(let order): pending.append(.load(order))
        case .plan(let task): pending.append(.plan(task))
        case .wake(let time): pending.append(.wake(time))
        case .estimateChecked(let check): pending.append(.estimateChecked(check))
        case .pinned(let model): pending.append(.pinned(model, nil))
        case .pinFailed(let model, let error): pending.append(.pinned(model, error))
        case .unpinned(let model): pending.append(.unpinned(model))
        case .admit, .reject: break
        }
    }

    /// Lets go of the ticket of a request that left by itself.
    private static func forget(_ event: DispatchEvent, _ state: inout State) {
        switch event {
        case .cancelled(let id), .bodyRejected(let id): state.tickets.removeValue(forKey: id)
        default: break
        }
    }
}

extension DispatchLoop.State {
    /// Takes in the models that can be asked for now; returns those that cannot any more, but are still needed.
    @discardableResult
    fileprivate mutating func adopt(_ new: [ModelID: ModelRecord]) -> [ModelRecord] {
        records = new
        let needed = dispatcher.formsInUse
        let current = Dictionary(new.values.map { ($0.form, $0) }) { first, _ in first }
        let earlier = forms.filter { needed.contains($0.key) && current[$0.key] == nil }
        forms = current.merging(earlier) { new, _ in new }
        return Array(earlier.values)
    }
}

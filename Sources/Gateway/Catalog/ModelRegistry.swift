internal import Dispatching
internal import Logging
internal import ModelServing
internal import ServingCore
private import Synchronization

/// What is served now: the last reading of the store together with what loads showed since; says in the log what changes.
final class ModelRegistry: Sendable {
    private struct State {
        var generation = CatalogGeneration()
        var loads = LoadFindings()
        var catalog: ServedCatalog
    }

    private let state: Mutex<State>
    private let limit: ByteCount
    private let clock: @Sendable () -> MonotonicInstant
    private let logger: Logger

    /// Serves nothing yet, and later models of at most `limit` bytes each.
    init(limit: ByteCount, logger: Logger, clock: @escaping @Sendable () -> MonotonicInstant) {
        self.limit = limit
        self.logger = logger
        self.clock = clock
        state = Mutex(State(catalog: ServedCatalog(CatalogGeneration(), limit: limit)))
    }

    /// The models known now.
    var catalog: ServedCatalog { state.withLock { $0.catalog } }

    /// The last reading of the store.
    var generation: CatalogGeneration { state.withLock { $0.generation } }

    /// Serves a newer reading of the store; an older one changes nothing. `inUse` are models of earlier ones that still run.
    func publish(_ generation: CatalogGeneration, inUse: [ModelRecord] = []) {
        change { state in
            guard generation.id > state.generation.id else { return false }
            let used = (generation.records.values + inUse).flatMap { $0.model.blocks.map(\.id) }
            state.loads.keep(only: Set(used))
            state.generation = generation
            return true
        }
    }

    /// Takes in what became of the blocks of a load order.
    func note(_ outcomes: [BlockID: LoadResult.Outcome]) {
        let failed = Set(outcomes.filter { if case .failed = $0.value { true } else { false } }.keys)
        change { state in
            for record in state.generation.records.values where !failed.isEmpty {
                guard record.model.blocks.contains(where: { failed.contains($0.id) }) else { continue }
                record.noteFailedLoad(at: clock())
            }
            return state.loads.note(outcomes)
        }
    }

    /// The models whose load failed last, as they are served.
    var failedModels: [ModelRecord] {
        state.withLock { state in
            guard !state.loads.failures.isEmpty else { return [] }
            return state.generation.records.values.filter { record in
                record.model.blocks.contains { state.loads.failures[$0.id] != nil }
            }
        }
    }

    /// Forgets that loads of a model failed: its files were looked at since, and are as they should be.
    func forgive(_ record: ModelRecord) {
        change { $0.loads.forgive(record.model.blocks.map(\.id)) }
    }

    /// Changes what states are decided from, decides them anew where that changed, and logs those that are others now.
    private func change(_ body: (inout State) -> Bool) {
        let change = state.withLock { state -> (old: ServedCatalog, new: ServedCatalog)? in
            guard body(&state) else { return nil }
            let old = state.catalog
            state.catalog = ServedCatalog(state.generation, loads: state.loads, limit: limit)
            return (old, state.catalog)
        }
        if let change { log(from: change.old, to: change.new) }
    }

    private func log(from old: ServedCatalog, to new: ServedCatalog) {
        let before = Dictionary(old.models.map { ($0.id, $0.state) }) { first, _ in first }
        for model in new.models where before[model.id] ?? .ready != model.state {
            let details: Logger.Metadata = ["model": "\(model.id)", "reason": "\(model.state.reason)"]
            switch (model.state.isReady, model.state.remark) {
            case (false, _): logger.error("a model cannot be served", metadata: details)
            case (true, .some): logger.warning("a model is served as it was read before", metadata: details)
            case (true, nil): logger.notice("a model and its files are in order again", metadata: details)
            }
        }
    }
}

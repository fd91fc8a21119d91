internal import Dispatching
internal import Logging
internal import ModelCatalog
internal import ServingCore
private import Synchronization

/// Reads the store and makes of it what is served next; one thread at a time.
final class CatalogReader: Sendable {
    private let store: BlockStore
    private let units: UnitEngine
    private let policy: SchedulingPolicy
    private let metrics: GatewayMetrics
    private let logger: Logger
    /// How long to wait for a collection that holds the lock of leases.
    private let patience: LockPatience
    /// What keeps collections away from what is served; nil where the store cannot be written to.
    private let lease = Mutex<StoreLease?>(nil)

    init(
        store: BlockStore,
        units: UnitEngine,
        policy: SchedulingPolicy,
        metrics: GatewayMetrics,
        patience: Duration,
        logger: Logger
    ) {
        self.store = store
        self.units = units
        self.policy = policy
        self.metrics = metrics
        self.patience = LockPatience(limit: patience)
        self.logger = logger
    }

    /// Ends waiting for other processes, from now on.
    func giveUp() { patience.end() }

    /// Takes the lease away: nothing is served any more.
    func leave() { _ = lease.withLock { $0.take() } }

    /// What is served after `old`: what was counted is kept, and so are models that cannot be read at this moment.
    ///
    /// - Throws: ``ServingError/Code/modelUnavailable`` where the store cannot be read.
    func next(after old: CatalogGeneration) throws(ServingError) -> CatalogGeneration {
        do throws(CatalogError) {
            let listing = try listing()
            guard store.holdsModels || old.entries.isEmpty else {
                throw CatalogError(.damagedStore, "the folder of models is gone from the store")
            }
            return generation(of: listing, after: old)
        } catch {
            logger.error("the store cannot be read", metadata: ["problem": "\(error)"])
            var told = store.servingError(error)
            told.retryAfter = .seconds(1)
            throw told
        }
    }

    /// Whether every block of a model has the content that was stored.
    /// - Complexity: O(bytes of the blocks).
    func isSound(_ entry: CatalogEntry) -> Bool {
        do {
            for block in entry.model.blocks { try store.verify(block: block.id) }
            return true
        } catch {
            return false
        }
    }

    private func listing() throws(CatalogError) -> CatalogListing {
        try store.requireExisting()
        if let lease = lease.withLock({ $0 }) { return try store.listing(keptBy: lease) }
        return try store.listing(keptBy: try takeLease())
    }

    /// Announces to `gateway gc` that a gateway serves from the store; nil where the store cannot be written to.
    private func takeLease() throws(CatalogError) -> StoreLease? {
        do throws(CatalogError) {
            let taken = try StoreLease(on: store, copies: units.compilationKey, patience: patience)
            lease.withLock { $0 = taken }
            return taken
        } catch {
            // A collection is at work: what is read without a lease might be gone a moment later.
            if error.code == .busyStore { throw error }
            logger.warning("gateway gc will not know what is served", metadata: ["problem": "\(error)"])
            return nil
        }
    }

    private func generation(of listing: CatalogListing, after old: CatalogGeneration) -> CatalogGeneration {
        var new = CatalogGeneration(id: old.id + 1)
        for entry in listing.entries { new.entries[entry.model.id] = entry }
        for (id, problem) in listing.problems {
            let isServable = old.entries[id].map { store.hasBlocks(of: $0) } ?? false
            new.problems[id] = StoreProblem(
                reason: store.withoutDirectory(problem.message),
                isServable: isServable
            )
            if isServable { new.entries[id] = old.entries[id] }
        }
        build(&new)
        keepUnreadable(of: old, in: &new)
        for (id, record) in new.records {
            if let before = old.records[id] { new.records[id] = record.replacing(before) }
        }
        for index in new.dispatch.models.indices {
            guard let record = new.records[new.dispatch.models[index].id] else { continue }
            new.dispatch.models[index].form = record.form
        }
        return new
    }

    /// The models as the policy loads them: neighbours that belong together joined, or each model whole.
    private func build(_ new: inout CatalogGeneration) {
        let original = new.entries.values.map(\.model).sorted { $0.id < $1.id }
        let fused = store.fused(original, blocksLayouts: units.blocksLayouts)
        let calibration = units.calibrationKey.map { store.calibration(key: $0) } ?? Calibration()
        let shared = DispatchCatalog(fused.models, original: original, calibration)
        new.dispatch = policy.sharesBlocks ? shared : shared.whole
        units.adopt(fused.units)
        units.pack(only: fused.packed(by: calibration))
        if !policy.sharesBlocks { units.adopt(wholes: fused.models) }
        for model in policy.sharesBlocks ? fused.models : fused.models.map(\.whole) {
            new.records[model.id] = ModelRecord(model: model, account: metrics.account(named: model.id.name))
        }
    }

    /// What was served and lacks blocks now takes no new requests, but what was admitted for it is still tried.
    private func keepUnreadable(of old: CatalogGeneration, in new: inout CatalogGeneration) {
        let models = Dictionary(old.dispatch.models.map { ($0.id, $0) }) { first, _ in first }
        for (id, problem) in new.problems where !problem.isServable {
            guard let record = old.records[id], let model = models[id] else { continue }
            new.records[id] = record
            new.entries[id] = old.entries[id]
            new.dispatch.models.append(model)
            for block in record.model.blocks { new.dispatch.loadSeconds[block.id] = old.dispatch.loadSeconds[block.id] }
        }
    }
}

extension ModelRecord {
    /// The record itself or, where the model has not changed, the one before; what was counted goes on.
    fileprivate func replacing(_ old: ModelRecord) -> ModelRecord {
        old.model == model ? old : ModelRecord(model: model, continuing: old)
    }
}

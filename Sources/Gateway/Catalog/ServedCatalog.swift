internal import Dispatching
internal import ModelServing
internal import ServingCore

/// The models the gateway knows at one moment and whether they can be served; whatever changes makes a new one.
final class ServedCatalog: Sendable {
    /// One model and version; shared, as each request looks one up.
    final class Listed: Sendable {
        /// Name and version.
        let id: ModelID
        /// What is run; nil where it was never read whole.
        let record: ModelRecord?
        /// Whether it can be served.
        let state: ModelState

        init(id: ModelID, record: ModelRecord?, state: ModelState) {
            self.id = id
            self.record = record
            self.state = state
        }
    }

    /// Which reading of the store it is of.
    let generation: UInt64
    /// The same for the dispatcher, with what was measured of them.
    let dispatch: DispatchCatalog
    private let versions: [String: [Int: Listed]]
    private let newest: [String: Listed]

    /// What a reading of the store and later loads show, with at most `limit` bytes for blocks.
    convenience init(_ generation: CatalogGeneration, loads: LoadFindings = LoadFindings(), limit: ByteCount) {
        let sizes = Dictionary(generation.dispatch.models.map { ($0.id, $0.blocks) }) { first, _ in first }
        let ids = Set(generation.records.keys).union(generation.problems.keys)
        let models = ids.map { id in
            let record = generation.records[id]
            let blocks = record.map { sizes[id] ?? $0.model.blocks }
            let state = ModelState(problem: generation.problems[id], blocks: blocks, loads: loads, limit: limit)
            return Listed(id: id, record: record, state: state)
        }
        self.init(models, generation: generation.id, dispatch: generation.dispatch)
    }

    init(_ models: [Listed], generation: UInt64 = 0, dispatch: DispatchCatalog = DispatchCatalog()) {
        self.generation = generation
        self.dispatch = dispatch
        var versions: [String: [Int: Listed]] = [:]
        for model in models { versions[model.id.name, default: [:]][model.id.version] = model }
        self.versions = versions
        newest = versions.compactMapValues { known in known.max { $0.key < $1.key }?.value }
    }

    /// Every model, ordered by name and version.
    var models: [Listed] {
        versions.values.flatMap(\.values).sorted { $0.id < $1.id }
    }

    /// The records of all models that have one, ordered by name and version.
    var records: [ModelRecord] { models.compactMap(\.record) }

    /// The record for exactly this id.
    subscript(id: ModelID) -> ModelRecord? { versions[id.name]?[id.version]?.record }

    /// The versions of a model, oldest first; empty for a name that is not known.
    func versions(of name: String) -> [Int] {
        versions[name]?.keys.sorted() ?? []
    }

    /// The record a path names, whether or not it can be served now; without a version the newest.
    ///
    /// - Throws: ``ServingError/Code/unknownModel``; ``ServingError/Code/modelUnavailable`` for a model that was never read whole.
    func find(_ parameters: PathParameters) throws(ServingError) -> ModelRecord {
        let model = try look(for: parameters)
        guard let record = model.record else { throw model.state.obstacle ?? .unreadable }
        return record
    }

    /// What a path names; without a version the newest, whatever its state: which version answers must not depend on damage.
    ///
    /// - Throws: ``ServingError/Code/unknownModel``.
    func look(for parameters: PathParameters) throws(ServingError) -> Listed {
        let name = parameters.model ?? ""
        guard let newest = newest[name] else {
            throw ServingError(
                .unknownModel,
                "Request for unknown model: '\(name.prefix(64))' is not found",
                field: "model"
            )
        }
        guard let text = parameters.version else { return newest }
        guard let version = Int(plainDecimal: text), let model = versions[name]?[version] else {
            throw ServingError(
                .unknownModel,
                "Request for unknown model: '\(name)' version '\(text.prefix(20))' is not found",
                field: "version"
            )
        }
        return model
    }

    /// Throws where models are known and not one of them can be served.
    func checkReady() throws(ServingError) {
        guard !versions.isEmpty, !versions.values.contains(where: { $0.values.contains(where: \.state.isReady) }) else {
            return
        }
        throw ServingError(.modelUnavailable, "not one of the models can be served: see /v2/repository/index")
    }
}

extension ServedCatalog.Listed {
    /// The record of a model that requests are taken for.
    ///
    /// Where only a load can tell whether the model is well again, one request every ``ModelRecord/retryInterval`` is let through.
    /// - Throws: why it cannot be served.
    func servable(at now: MonotonicInstant) throws(ServingError) -> ModelRecord {
        guard let record else { throw state.obstacle ?? .unreadable }
        guard let obstacle = state.obstacle else { return record }
        guard state.isWorthTrying, record.mayTryAgain(at: now) else { throw obstacle }
        return record
    }
}

extension ServingError {
    fileprivate static let unreadable = ServingError(.modelUnavailable, "the model cannot be read")
}

extension ServedCatalog {
    /// For each name, whether its newest version is resident; bounded by the catalog.
    func residency(in ledger: ResidencyLedger) -> [(model: String, isResident: Bool)] {
        Dictionary(grouping: records, by: \.model.id.name).sorted { $0.key < $1.key }.map { name, records in
            (name, records.last?.isResident(in: ledger) ?? false)
        }
    }
}

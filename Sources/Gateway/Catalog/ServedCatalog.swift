internal import Dispatching
internal import ModelCatalog
internal import ModelServing
internal import ServingCore

/// The models the gateway serves at one moment; a reload makes a new one.
struct ServedCatalog: Sendable {
    /// The same for the dispatcher, with what was measured of them.
    let dispatch: DispatchCatalog
    private let versions: [String: [Int: ModelRecord]]
    private let newest: [String: ModelRecord]

    init(records: [ModelRecord], dispatch: DispatchCatalog? = nil) {
        self.dispatch = dispatch ?? DispatchCatalog(records.map(\.model))
        var versions: [String: [Int: ModelRecord]] = [:]
        for record in records {
            versions[record.model.id.name, default: [:]][record.model.id.version] = record
        }
        self.versions = versions
        newest = versions.compactMapValues { known in known.max { $0.key < $1.key }?.value }
    }

    /// Every record, ordered by name and version.
    var records: [ModelRecord] {
        versions.values.flatMap(\.values).sorted { $0.model.id < $1.model.id }
    }

    /// The record for exactly this id.
    subscript(id: ModelID) -> ModelRecord? {
        versions[id.name]?[id.version]
    }

    /// The versions of a model, oldest first; empty for a name that is not served.
    func versions(of name: String) -> [Int] {
        versions[name]?.keys.sorted() ?? []
    }

    /// The record a path names; without a version the newest.
    ///
    /// - Throws: ``ServingError/Code/unknownModel``.
    func find(_ parameters: PathParameters) throws(ServingError) -> ModelRecord {
        let name = parameters.model ?? ""
        guard let newest = newest[name] else {
            throw ServingError(
                .unknownModel,
                "Request for unknown model: '\(name.prefix(64))' is not found",
                field: "model"
            )
        }
        guard let text = parameters.version else { return newest }
        guard let version = Int(plainDecimal: text), let record = versions[name]?[version] else {
            throw ServingError(
                .unknownModel,
                "Request for unknown model: '\(name)' version '\(text.prefix(20))' is not found",
                field: "version"
            )
        }
        return record
    }
}

extension ServedCatalog {
    /// For each name, whether its newest version is resident; bounded by the catalog.
    func residency(in ledger: ResidencyLedger) -> [(model: String, isResident: Bool)] {
        Dictionary(grouping: records, by: \.model.id.name).sorted { $0.key < $1.key }.map { name, records in
            (name, records.last?.isResident(in: ledger) ?? false)
        }
    }
}

extension DispatchCatalog {
    /// The models as they are loaded, `fused`, with what was measured of them as they were cut, `original`.
    init(_ fused: [ServableModel], original: [ServableModel], _ calibration: Calibration) {
        var seconds: [BlockID: Double] = [:]
        let models = zip(fused, original).map { model, plain in
            let compute = calibration[compute: plain].map {
                Compute(baseSeconds: $0.baseSeconds, itemSeconds: $0.itemSeconds)
            }
            let blocks = model.blocks.map { block -> ParameterBlock in
                guard let load = calibration[load: block.id] else { return block }
                seconds[block.id] = load.seconds
                return ParameterBlock(id: block.id, size: ByteCount(load.bytes))
            }
            return Model(id: model.id, blocks: blocks, isBatchable: model.isBatchable, compute: compute)
        }
        self.init(models: models, loadSeconds: seconds)
    }
}

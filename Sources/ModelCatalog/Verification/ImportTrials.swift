import ServingCore

/// Runs a model for an import, here or in another process, and says what that showed.
public protocol ImportTrials: Sendable {
    /// Whether models are only loaded, and not run.
    var onlyLoads: Bool { get }
    /// The most requests that will stand side by side.
    var largestBatch: Int { get }
    /// The most rows that requests side by side may have together.
    var largestRows: Int { get }

    /// Carries out `order`; throws where the model cannot be loaded, or ends the process that runs it.
    func outcome(of order: TrialOrder) throws(CatalogError) -> TrialOutcome
}

/// What an import wants to know of a model, in a form that another process can read.
public struct TrialOrder: Codable, Sendable {
    /// The store that the model's blocks are in.
    var store: String
    /// The blocks and how they fit together.
    var chain: ModelManifest
    /// The whole model as an ONNX file.
    var file: String
    /// Whether the model is run.
    var runs: Bool
    /// How far blocks in a row may be apart from the whole model, where the outputs' type allows no more.
    var tolerance: Double
    /// The most seconds for one run of the largest batch; nil where nobody wants to know about rows.
    var rowSeconds: Double?
    /// The most requests that will stand side by side.
    var largestBatch: Int
    /// The most rows that they may have together.
    var largestRows: Int

    /// As many requests as a batch has where nobody sets another limit.
    public static let defaultLargestBatch = 64
}

/// What trial runs showed.
public struct TrialOutcome: Codable, Sendable {
    /// Whether blocks in a row give what the whole model gives.
    var verification: ImportVerification
    /// Whether requests side by side give what each gives alone; nil where that was not asked.
    var rows: RowTrial.Result?
}

extension TrialEngine {
    /// Models are run, too.
    public var onlyLoads: Bool { false }
    /// The limit where nobody sets another.
    public var largestBatch: Int { TrialOrder.defaultLargestBatch }
    /// As many, for requests of one row.
    public var largestRows: Int { largestBatch }

    /// Carries out `order` in this process.
    public func outcome(of order: TrialOrder) throws(CatalogError) -> TrialOutcome {
        let store = try BlockStore(directory: order.store)
        let chain = try order.chain.entry(of: ModelID(name: order.chain.name, version: order.chain.version)).model
        guard order.runs else {
            try load(chain, of: store)
            return TrialOutcome(verification: .skipped, rows: nil)
        }
        let verification = ChainVerifier(engine: self, store: store, tolerance: order.tolerance)
            .verify(chain, against: order.file)
        let rows = order.rowSeconds.map { seconds in
            var trial = RowTrial(engine: self, largestBatch: order.largestBatch)
            trial.largestRows = order.largestRows
            trial.limit = .seconds(seconds)
            return trial.result(of: order.file, inputs: chain.inputs)
        }
        return TrialOutcome(verification: verification, rows: rows)
    }

    /// Loads each block once, as it will be loaded to serve.
    private func load(_ chain: ServableModel, of store: BlockStore) throws(CatalogError) {
        do throws(ServingError) {
            for block in chain.blocks { _ = try load(store.path(of: block.id)) }
        } catch {
            let hint = EngineHint.hint(for: error.message).map { " (\($0))" } ?? ""
            throw CatalogError(.unsupportedModel, "the engine cannot load the model: \(error.message)\(hint)")
        }
    }
}

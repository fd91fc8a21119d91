import Glibc
import ServingCore

extension BlockStore {
    /// Files of more bytes than this cannot be ONNX models: protobuf's own limit.
    public static let modelByteLimit = Int(Int32.max)

    /// The names of tensors in a list with commas between them.
    public static func cuts(in list: String) -> [String] { DeclaredCuts.list(list) }

    /// Cuts the ONNX model in `file` into blocks and stores those that the store does not have.
    ///
    /// With `trials`, the blocks in a row are compared with the whole model on generated inputs; where they give
    /// something else, the model is kept as one block. Where rows of a batch depend on each other, or nothing shows that
    /// they do not, its requests will be run one by one. Without `version` it becomes the next one after the highest
    /// there is, or stays what it is where its content equals that highest one. `cuts` are names of
    /// tensors at which it is cut besides; nil for those of the file's metadata, ``DeclaredCuts``. Blocks of more than `blockByteLimit` bytes,
    /// which only tests set, have their large weights in files of their own. Throws ``CatalogError``: where the name
    /// or version is not acceptable, where the file is not a model that can be taken, where the version exists with
    /// other content, where writing fails.
    public func importModel(
        from file: String,
        name: String,
        version: Int? = nil,
        types: any TensorTypeInference,
        trials: (any ImportTrials)? = nil,
        cuts: [String]? = nil,
        blockByteLimit: Int = Self.blockByteLimit
    ) throws(CatalogError) -> ImportReport {
        guard ModelID.isValidName(name) else { throw CatalogError.invalidName(name) }
        guard (version ?? 1) >= 1 else { throw CatalogError(.invalidName, "a version is 1 or more") }
        let model = try ONNXModel(readingFrom: file, byteLimit: Self.modelByteLimit)
        var plan = try ImportPlan(model, inference: types, cuts: cuts, byteLimit: blockByteLimit)
        try checkFolders()
        for folder in [layout.root, layout.blocks, layout.models, layout.temporary] { try writer.makeFolder(folder) }
        let lock = try StoreLock(layout.lock)
        defer { withExtendedLifetime(lock) {} }
        try writer.removeLeftovers()
        let listing = try intended()
        let id = ModelID(name: name, version: version ?? 1)
        if let kept = try keptBefore(plan, of: model, as: id, in: listing, isExact: version != nil) {
            return try store(kept, of: model, name: name, version: version, listing, verification: nil)
        }
        // Refuses what cannot be stored before anything is written.
        let content = try plan.entry(of: ModelID(name: name, version: 1), from: model)
        let present = try place(content, version: version, in: listing).present
        guard present == nil, let trials else {
            plan.mixedRows = try present == nil ? mixedRows(content.model, of: model, nil) : present?.mixedRows
            let skipped: ImportVerification? = present == nil ? .skipped : nil
            return try store(plan, of: model, name: name, version: version, listing, verification: skipped)
        }
        let written = try writeBlocks(of: plan)
        let own = written.filter { listing.blockUse[$0] == nil }
        let outcome: TrialOutcome
        do throws(CatalogError) {
            outcome = try self.outcome(content, against: model, in: file, with: trials)
        } catch {
            try writer.remove(own.map(layout.file))
            throw error
        }
        plan.mixedRows = try mixedRows(content.model, of: model, outcome.rows)
        guard case .differed(let reason) = outcome.verification else {
            return try store(
                plan,
                of: model,
                name: name,
                version: version,
                listing,
                verification: outcome.verification,
                written: written
            )
        }
        try writer.remove(own.map(layout.file))
        let kept = try plan.kept(model, because: reason)
        return try store(kept, of: model, name: name, version: version, listing, verification: outcome.verification)
    }

    /// The store's models, those included whose blocks are missing or damaged, since an import may bring these back.
    private func intended() throws(CatalogError) -> CatalogListing {
        var listing = try listing()
        listing.entries += listing.problems.keys.compactMap { try? manifest(of: $0) }
        listing.entries.sort { $0.model.id < $1.model.id }
        return listing
    }

    /// Compares the chain with the whole model, and looks what requests side by side give.
    private func outcome(
        _ content: CatalogEntry,
        against model: ONNXModel,
        in file: String,
        with trials: any ImportTrials
    ) throws(CatalogError) -> TrialOutcome {
        var whole = file
        // Runtimes do not take all that may lie in another file, such as shapes: so they get one file.
        if model.hasExternalData, model.byteCount <= Self.modelByteLimit, !trials.onlyLoads {
            whole = layout.temporary + "/whole"
            try writer.write(CanonicalBlock.data(of: model.reference), to: whole)
        }
        defer { if whole != file { unlink(whole) } }
        let isAsked = content.model.isBatchable && !trials.onlyLoads
        let order = TrialOrder(
            store: directory,
            chain: ModelManifest(content),
            file: whole,
            runs: !trials.onlyLoads,
            tolerance: try CalculatedPrecision.tolerance(of: model.proto),
            rowSeconds: isAsked ? try RowIndependence(of: model).trialSeconds : nil,
            largestBatch: trials.largestBatch,
            largestRows: trials.largestRows
        )
        return try trials.outcome(of: order)
    }

    /// Why requests for `chain` have to be run one by one, after a trial that showed `found`; nil where they need not, or are by
    /// their shapes alone.
    private func mixedRows(
        _ chain: ServableModel,
        of model: ONNXModel,
        _ found: RowTrial.Result?
    ) throws(CatalogError) -> String? {
        guard chain.isBatchable else { return nil }
        return try RowIndependence(of: model).reason(found)
    }

    /// The plan as one block, where the version asked for is this very file and was kept so.
    private func keptBefore(
        _ plan: ImportPlan,
        of model: ONNXModel,
        as id: ModelID,
        in listing: CatalogListing,
        isExact: Bool
    ) throws(CatalogError) -> ImportPlan? {
        let present = listing.entries.first { $0.model.id == id }
        guard isExact, let present, present.sourceSHA256 == model.sha256, plan.fallback == nil,
            let reason = present.fallback
        else { return nil }
        var kept = try plan.kept(model, because: reason)
        kept.mixedRows = present.mixedRows
        return kept
    }

    private func store(
        _ plan: ImportPlan,
        of model: ONNXModel,
        name: String,
        version: Int?,
        _ listing: CatalogListing,
        verification: ImportVerification?,
        written: [BlockID] = []
    ) throws(CatalogError) -> ImportReport {
        let content = try plan.entry(of: ModelID(name: name, version: 1), from: model)
        let (id, present) = try place(content, version: version, in: listing)
        let written = try written + writeBlocks(of: plan)
        if present == nil {
            let manifest = try ModelManifest(plan.entry(of: id, from: model)).stored()
            try writer.makeFolder(layout.folder(ofName: name))
            try writer.write(manifest, to: layout.manifest(of: id))
        }
        var report = ImportReport(
            of: plan,
            as: id,
            isAlreadyPresent: present != nil,
            blockUse: listing.blockUse,
            written: Set(written),
            verification: verification
        )
        let others = listing.entries.filter { $0.model.id != id }
        // A hint: what cannot be read of other models does not fail the import.
        report.sharing = try? SharingHint(store: self, others: others).text(for: report, of: plan)
        return report
    }

    /// Writes the blocks that are not there, or not whole, and says which these are.
    private func writeBlocks(of plan: ImportPlan) throws(CatalogError) -> [BlockID] {
        var written: [BlockID] = []
        var seen = Set<BlockID>()
        for step in plan.steps where seen.insert(step.id).inserted && !isIntact(step.id) {
            try write(step.makeBlock(), as: step.id)
            written.append(step.id)
        }
        return written
    }

    /// Where `content` goes: to the version asked for, to the latest one if that is the same, or to the next one.
    /// Where it is there already, as what.
    ///
    /// A version whose manifest is damaged cannot be served: it is replaced if it is asked for.
    private func place(
        _ content: CatalogEntry,
        version: Int?,
        in listing: CatalogListing
    ) throws(CatalogError) -> (id: ModelID, present: CatalogEntry?) {
        let name = content.model.id.name
        let present = listing.entries.filter { $0.model.id.name == name }
        if let version {
            let id = ModelID(name: name, version: version)
            guard let existing = present.first(where: { $0.model.id == id }) else { return (id, nil) }
            guard existing.hasSameContent(as: content) else {
                throw CatalogError(.versionExists, "\(id) exists with other content: choose another version")
            }
            return (id, existing)
        }
        if let latest = present.last, latest.hasSameContent(as: content) { return (latest.model.id, latest) }
        let taken = present.map(\.model.id.version) + listing.problems.keys.filter { $0.name == name }.map(\.version)
        let (next, overflow) = (taken.max() ?? 0).addingReportingOverflow(1)
        guard !overflow else { throw CatalogError(.invalidName, "\(name) has no version after the highest") }
        return (ModelID(name: name, version: next), nil)
    }

    /// Whether the block is stored and whole; a damaged file is as good as none and is written again.
    private func isIntact(_ block: BlockID) -> Bool {
        do {
            try verify(block: block)
            return true
        } catch {
            return false
        }
    }
}

extension ImportPlan {
    fileprivate func entry(of id: ModelID, from model: ONNXModel) throws(CatalogError) -> CatalogEntry {
        var servable = try self.model(id)
        servable.refusesEmpty = try EmptyTensors.areFatal(to: model)
        return CatalogEntry(
            model: servable,
            fileSizes: Dictionary(steps.map { ($0.id, $0.fileSize) }) { first, _ in first },
            sourceSHA256: model.sha256,
            sourceSize: ByteCount(model.byteCount),
            fallback: fallback,
            mixedRows: mixedRows
        )
    }
}

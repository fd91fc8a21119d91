public import ModelCatalog
internal import ServingCore

extension ModelCalibrator {
    /// How many models were never measured with this engine on this processor. Throws where the store cannot be read.
    public func unmeasuredCount() throws(CatalogError) -> Int {
        guard let key = units.calibrationKey else { return 0 }
        let calibration = store.calibration(key: key)
        return try readCatalog(keptBy: nil).pairs.count { !calibration.isComplete(of: $0, $1) }
    }

    /// The store's models, as they are loaded and as they were cut.
    func readCatalog(
        keptBy lease: StoreLease?
    ) throws(CatalogError) -> (fused: FusedCatalog, pairs: [(ServableModel, ServableModel)]) {
        let original = try store.listing(keptBy: lease).entries.map(\.model)
        let fused = store.fused(original, blocksLayouts: units.blocksLayouts)
        return (fused, Array(zip(fused.models, original)))
    }

    /// What measuring a model is likely to take; mostly what compiling takes of blocks that have no copy yet.
    func expectedDuration(of model: ServableModel) -> Duration {
        let key = units.compilationKey ?? ""
        let seconds = model.blocks.reduce(0) { sum, block in
            let isCompiled = store.hasCompiledFile(of: block.id, key: key)
            let rate = isCompiled ? Self.visitBytesPerSecond : Self.compileBytesPerSecond
            return sum + Double(block.size.rawValue) / rate
        }
        return .seconds(seconds)
    }

    /// Cautious: what is begun is finished. Of one core that others use, too.
    private static let compileBytesPerSecond = 20e6
    private static let visitBytesPerSecond = 200e6

    static func byteCount(_ model: ServableModel) -> Int { model.blocks.reduce(0) { $0 + $1.size.rawValue } }
}

extension Calibration {
    /// Whether nothing of a model, as it is loaded and as it was cut, is left to be measured.
    func isComplete(of model: ServableModel, _ plain: ServableModel) -> Bool {
        self[compute: plain] != nil && model.blocks.allSatisfy { self[load: $0.id] != nil }
    }
}

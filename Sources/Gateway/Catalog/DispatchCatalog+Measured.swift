internal import Dispatching
internal import ModelCatalog
internal import ServingCore

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

extension FusedCatalog {
    /// The blocks whose matrices are to be repacked at each load, as was measured.
    func packed(by calibration: Calibration) -> Set<BlockID> {
        Set(models.lazy.flatMap(\.blocks).map(\.id).filter { calibration[load: $0]?.packs == true })
    }
}

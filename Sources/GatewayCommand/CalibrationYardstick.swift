import Dispatching
import Foundation
import Gateway
import Logging
import ModelCatalog
import ServingCore
import Simulation

/// Networks whose operations are known, measured on the real engine: what a byte and an operation take here.
struct CalibrationYardstick {
    let configuration: GatewayConfiguration
    let logger: Logger

    /// Measures three ResNet-18 that share half of their residual blocks, in a store of their own that is removed again.
    ///
    /// Throws where there is no room for 400 MB, or ONNX Runtime cannot be used.
    func measure() throws -> CostModel {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gateway-yardstick-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try BlockStore(directory: folder.appending(path: "store").path)
        let types = try ONNXTensorTypes(configuration: configuration)
        let zoo = try ModelZoo(depths: [18], variants: 3, shared: 0.5, sharing: .anywhere, seed: 1)
        var members: [ModelZoo.Member] = []
        try zoo.write(to: folder.appending(path: "zoo").path) { members.append($0) }
        for member in members {
            _ = try store.importModel(from: member.path, name: member.name, types: types, trials: nil)
        }
        let calibrator = try ModelCalibrator(configuration: configuration, store: store, logger: logger)
        try calibrator.calibrate(onlyMissing: false)
        return try fit(calibrator)
    }

    private func fit(_ calibrator: ModelCalibrator) throws -> CostModel {
        var fit = CostFit()
        let served = try calibrator.servedCatalog()
        for model in served?.catalog.models ?? [] {
            guard let compute = model.compute else { continue }
            fit.observeCompute(
                blocks: model.blocks.count,
                operations: Architecture.resnet18.operations,
                baseSeconds: compute.baseSeconds,
                itemSeconds: compute.itemSeconds
            )
            for block in model.blocks {
                guard let seconds = served?.catalog.loadSeconds[block.id] else { continue }
                fit.observeLoad(bytes: block.size.rawValue, seconds: seconds)
            }
        }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        guard let costs = fit.costs(source: "ResNet-18 on ONNX Runtime, \(cores) cores") else {
            throw CatalogError(.storageFailed, "the networks to measure with could not be measured")
        }
        return costs
    }
}

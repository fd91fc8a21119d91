internal import Dispatching
internal import Logging
internal import ModelServing
internal import ServingCore

/// Carries out the dispatcher's load orders, one after the other, on the loader's thread.
struct BlockLoader: Sendable {
    let loader: ModelLoader
    let loop: DispatchLoop
    let models: ModelRegistry
    let repeatedLog: RepeatedLog

    /// Evicts and loads what the order names, and reports block by block.
    func carryOut(_ order: LoadOrder) {
        let report = loader.carryOut(ResidencyOrder(evictions: order.evict, loads: order.load))
        let loads = Set(order.load.map(\.id))
        var blocks: [BlockID: LoadResult.Outcome] = [:]
        for load in report.loads {
            blocks[load.block.id] = .loaded(load.duration, size: load.block.size)
        }
        if let size = report.failedBlockSize, let block = report.failedBlock {
            blocks[block] = .tooLarge(size)
        } else if let failure = report.failure, let block = report.failedBlock, loads.contains(block) {
            blocks[block] = .failed(failure)
        }
        log(report, of: order, isLoad: report.failedBlock.map(loads.contains) ?? true)
        // First what requests are told of their models, then what they are decided by.
        models.note(blocks.filter { loads.contains($0.key) && (report.failure == nil || report.failedBlock != nil) })
        let result = LoadResult(order: order.id, blocks: blocks, resident: report.resident, failure: report.failure)
        loop.handle(.loadFinished(result))
    }

    private func log(_ report: ResidencyReport, of order: LoadOrder, isLoad: Bool) {
        guard let failure = report.failure else { return }
        var metadata: Logger.Metadata = ["problem": "\(failure.message)"]
        if let model = order.model { metadata["model"] = "\(model)" }
        if let block = report.failedBlock { metadata["block"] = "\(block)" }
        let subject = "\(report.failedBlock.map(String.init(describing:)) ?? "")"
        if isLoad {
            repeatedLog.log(.error, "blocks could not be loaded", about: subject, metadata: metadata)
        } else {
            repeatedLog.log(.error, "a block could not be evicted", about: subject, metadata: metadata)
        }
    }
}

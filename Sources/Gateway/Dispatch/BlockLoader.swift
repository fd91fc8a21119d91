internal import Dispatching
internal import ModelServing
internal import ServingCore

/// Carries out the dispatcher's load orders, one after the other, on the loader's thread.
struct BlockLoader: Sendable {
    let loader: ModelLoader
    let loop: DispatchLoop
    let models: ModelRegistry

    /// Evicts and loads what the order names, and reports block by block.
    func carryOut(_ order: LoadOrder) {
        let report = loader.carryOut(ResidencyOrder(evictions: order.evict, loads: order.load))
        var blocks: [BlockID: LoadResult.Outcome] = [:]
        for load in report.loads {
            blocks[load.block.id] = .loaded(load.duration, size: load.block.size)
        }
        if let size = report.failedBlockSize, let block = report.failedBlock {
            blocks[block] = .tooLarge(size)
        } else if let failure = report.failure, let block = report.failedBlock ?? order.load.first?.id {
            blocks[block] = .failed(failure)
        }
        // First what requests are told of their models, then what they are decided by.
        let loads = Set(order.load.map(\.id))
        models.note(blocks.filter { loads.contains($0.key) && (report.failure == nil || report.failedBlock != nil) })
        loop.handle(.loadFinished(LoadResult(order: order.id, blocks: blocks)))
    }
}

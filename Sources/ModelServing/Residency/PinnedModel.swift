public import ServingCore
import Synchronization

/// A model whose blocks stay in memory until it is released; the last reference releases it at the latest.
public final class PinnedModel: Sendable {
    /// The model.
    public let model: ServableModel
    private let owner: ResidentBlocks
    private let blocks: Mutex<[BlockID: any LoadedBlock]?>

    init(model: ServableModel, blocks: [BlockID: any LoadedBlock], owner: ResidentBlocks) {
        self.model = model
        self.owner = owner
        self.blocks = Mutex(blocks)
    }

    deinit {
        release()
    }

    /// Takes the pins away, once: later calls do nothing. Whoever calls it has seen to it that no run is under way.
    public func release() {
        let isFirst = blocks.withLock { blocks in
            defer { blocks = nil }
            return blocks != nil
        }
        if isFirst { owner.unpin(model.blocks.map(\.id)) }
    }

    /// The blocks, each under its id; nil once released.
    var loadedBlocks: [BlockID: any LoadedBlock]? { blocks.withLock { $0 } }
}

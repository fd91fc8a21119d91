public import ServingCore
import Synchronization

/// A model whose blocks stay in memory until it is released; the last reference releases it at the latest.
public final class PinnedModel: Sendable {
    /// The model.
    public let model: ServableModel
    private let ids: [BlockID]
    private let owner: ResidentBlocks
    private let blocks: Mutex<[any LoadedBlock]?>

    /// Takes over a pin on each of `ids`; `blocks` has the block of each of the model's steps.
    init(model: ServableModel, ids: [BlockID], blocks: [any LoadedBlock], owner: ResidentBlocks) {
        self.model = model
        self.ids = ids
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
        if isFirst { owner.unpin(ids) }
    }

    /// The block of each of the model's steps; nil once released.
    var stepBlocks: [any LoadedBlock]? { blocks.withLock { $0 } }
}

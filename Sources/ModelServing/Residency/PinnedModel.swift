public import ServingCore
import Synchronization

/// A model whose blocks stay in memory until it is released; the last reference releases it at the latest.
public final class PinnedModel: Sendable {
    /// The model with all that running it takes to know.
    let wiring: ModelWiring
    private let owner: ResidentBlocks
    private let blocks: Mutex<[any LoadedBlock]?>

    /// Takes over a pin on each block the model needs; `blocks` has the block of each of its steps.
    init(_ wiring: ModelWiring, blocks: [any LoadedBlock], owner: ResidentBlocks) {
        self.wiring = wiring
        self.owner = owner
        self.blocks = Mutex(blocks)
    }

    deinit {
        release()
    }

    /// The model.
    public var model: ServableModel { wiring.model }

    /// Takes the pins away, once: later calls do nothing. Whoever calls it has seen to it that no run is under way.
    public func release() {
        let isFirst = blocks.withLock { blocks in
            defer { blocks = nil }
            return blocks != nil
        }
        if isFirst { owner.unpin(wiring.ids) }
    }

    /// The block of each of the model's steps; nil once released.
    var stepBlocks: [any LoadedBlock]? { blocks.withLock { $0 } }
}

import LoadScheduling

/// Which block makes room first.
enum EvictionRule {
    /// The one whose next use by the batches, in this order, lies furthest away.
    case furthestUse(by: [BatchOutline])
    /// Those of the model that was asked for or ran longest ago, by the seconds at which each did last.
    case leastRecentlyUsed([Double])

    /// As many blocks of `candidates` as free `bytes`, in the order they go.
    func victims(of candidates: BlockSet, freeing bytes: Int, on server: EdgeServer) -> [Int] {
        switch self {
        case .furthestUse(let batches):
            var candidates = candidates
            let models = batches.lazy.map(\.model)
            var left = bytes
            return EvictionOrder.victims(of: &candidates, nextUses: models, freeing: bytes, on: server).filter {
                block in
                guard left > 0 else { return false }
                left -= server.blocks[block].bytes
                return true
            }
        case .leastRecentlyUsed(let lastUsed):
            return leastRecentlyUsed(lastUsed, of: candidates, toFree: bytes, on: server)
        }
    }

    private func leastRecentlyUsed(
        _ lastUsed: [Double],
        of candidates: BlockSet,
        toFree bytes: Int,
        on server: EdgeServer
    ) -> [Int] {
        var (left, bytes) = (candidates, bytes)
        var evicted: [Int] = []
        for model in server.models.indices.sorted(by: { (lastUsed[$0], $0) < (lastUsed[$1], $1) }) where bytes > 0 {
            for block in server.models[model].blocks where left.remove(block) {
                bytes -= server.blocks[block].bytes
                evicted.append(block)
            }
        }
        // What no model uses any more.
        for block in left.indices where bytes > 0 {
            bytes -= server.blocks[block].bytes
            evicted.append(block)
        }
        return evicted
    }
}

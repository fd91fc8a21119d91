extension Residency {
    /// The blocks of ``loaded``, in the order of the chain of `model`.
    /// - Complexity: O(blocks of the model and of its parts).
    func loadedBlocks(of model: EdgeServer.Model) -> [Int] {
        guard !loaded.isEmpty else { return [] }
        guard loaded.reduce(0, { $0 - $1.blocks }) < model.blocks.count else { return model.blocks }
        var missing = BlockSet(capacity: (model.blocks.max() ?? 0) + 1)
        for change in loaded {
            let start = table.parts[change.part].start
            for place in start..<start - change.blocks { missing.insert(table.members[place].block) }
        }
        return model.blocks.filter(missing.contains)
    }

    /// The blocks of ``evicted``, in the order they go; to be asked before anything is loaded.
    /// - Complexity: O(blocks evicted * log blocks evicted).
    func evictedBlocks(on server: EdgeServer) -> [Int] {
        var result: [Int] = []
        var start = 0
        for end in phases + [evicted.count] where end > start {
            let first = result.count
            for place in start..<end {
                for member in evictedFrom[place]..<evictedFrom[place] + evicted[place].blocks {
                    result.append(table.members[member].block)
                }
            }
            // Blocks of one part are in order already.
            if end > start + 1 {
                let blocks = server.blocks
                result[first...].sort { (blocks[$0].retention, $0) < (blocks[$1].retention, $1) }
            }
            start = end
        }
        return result
    }

    /// The blocks that are resident where `away` are not.
    /// - Complexity: O(blocks).
    func resident(without away: [Int], capacity: Int) -> BlockSet {
        var resident = BlockSet(capacity: capacity)
        for part in away.indices {
            let stay = table.parts[part].start + away[part]..<table.parts[part].end
            for place in stay { resident.insert(table.members[place].block) }
        }
        return resident
    }
}

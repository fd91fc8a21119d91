extension Residency {
    /// The blocks of ``loaded``, in the order of the chain of `model`.
    /// - Complexity: O(blocks of the model and of its parts).
    func loadedBlocks(of model: EdgeServer.Model) -> [Int] {
        var missing = BlockSet()
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
        var next = Dictionary(evicted.map { ($0.part, 0) }, uniquingKeysWith: max)
        for change in evicted { next[change.part, default: 0] += change.blocks }
        for (part, blocks) in next { next[part] = table.parts[part].start + away[part] - blocks }
        let ends = phases + [evicted.count]
        var start = 0
        for end in ends {
            var phase: [Int] = []
            for change in evicted[start..<end] {
                let from = next[change.part, default: 0]
                for place in from..<from + change.blocks { phase.append(table.members[place].block) }
                next[change.part] = from + change.blocks
            }
            let blocks = server.blocks
            result += phase.sorted { (blocks[$0].retention, $0) < (blocks[$1].retention, $1) }
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

/// Which blocks go first when room is needed: Belady's rule on the plan, then what a block is worth.
public enum EvictionOrder {
    /// The blocks of `candidates`, the first to evict first: never used again (least ``EdgeServer/Block/retention`` first), then
    /// by next use in `nextUses` (the models of the batches to come, in order), the furthest first. Empties `candidates`.
    ///
    /// Where `bytes` are to be freed, those at the end that are not needed for it may be missing.
    /// - Complexity: O(blocks of all batches + victims * log victims).
    public static func victims(
        of candidates: inout BlockSet,
        nextUses: some Sequence<Int>,
        freeing bytes: Int = .max,
        on server: EdgeServer
    ) -> [Int] {
        var byNextUse: [[Int]] = []
        var left = candidates.count
        for model in nextUses {
            if left == 0 { break }
            let hits = server.models[model].blocks.filter { candidates.remove($0) }
            guard !hits.isEmpty else { continue }
            left -= hits.count
            byNextUse.append(hits)
        }
        byNextUse.append(candidates.indices)
        candidates.removeAll()
        var result: [Int] = []
        var freed = 0
        while freed < bytes, let group = byNextUse.popLast() {
            result.append(contentsOf: sorted(group, on: server))
            for block in group { freed &+= server.blocks[block].bytes }
        }
        return result
    }

    private static func sorted(_ list: [Int], on server: EdgeServer) -> [Int] {
        let blocks = server.blocks
        return list.sorted { (blocks[$0].retention, $0) < (blocks[$1].retention, $1) }
    }
}

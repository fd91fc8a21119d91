/// Which blocks go first when room is needed: Belady's rule on the plan, then what a block is worth.
public enum EvictionOrder {
    /// The blocks of `candidates`, the first to evict first: never used again (least ``EdgeServer/Block/retention`` first), then
    /// by next use in `nextUses` (the models of the batches to come, in order), the furthest first. Empties `candidates`.
    /// - Complexity: O(blocks of all batches + candidates * log candidates).
    public static func victims(
        of candidates: inout BlockSet,
        nextUses: some Sequence<Int>,
        on server: EdgeServer
    ) -> [Int] {
        var byNextUse: [[Int]] = []
        var left = candidates.count
        for model in nextUses {
            if left == 0 { break }
            let hits = server.models[model].blocks.filter { candidates.remove($0) }
            guard !hits.isEmpty else { continue }
            left -= hits.count
            byNextUse.append(sorted(hits, on: server))
        }
        var result = sorted(candidates.indices, on: server)
        for group in byNextUse.reversed() { result.append(contentsOf: group) }
        candidates.removeAll()
        return result
    }

    private static func sorted(_ list: [Int], on server: EdgeServer) -> [Int] {
        let blocks = server.blocks
        return list.sorted { (blocks[$0].retention, $0) < (blocks[$1].retention, $1) }
    }
}

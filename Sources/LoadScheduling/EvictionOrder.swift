/// Which blocks go first when room is needed: Belady's rule on the plan, then what a block is worth.
public enum EvictionOrder {
    /// The blocks of `candidates`, the first to evict first: never used again (least ``EdgeServer/Block/retention`` first), then
    /// by next use in `nextUses` (the models of the batches to come, in order), the furthest first. Empties `candidates`.
    /// - Complexity: O(batches * blocks / 64 + candidates * log candidates).
    public static func victims(
        of candidates: inout BlockSet,
        nextUses: some Sequence<Int>,
        on server: EdgeServer
    ) -> [Int] {
        var byNextUse: [[Int]] = []
        for model in nextUses {
            if candidates.isEmpty { break }
            var hits = candidates
            hits.formIntersection(server.models[model].blockSet)
            guard !hits.isEmpty else { continue }
            candidates.subtract(hits)
            byNextUse.append(sorted(hits, on: server))
        }
        var result = sorted(candidates, on: server)
        for group in byNextUse.reversed() { result.append(contentsOf: group) }
        candidates.removeAll()
        return result
    }

    private static func sorted(_ set: BlockSet, on server: EdgeServer) -> [Int] {
        let blocks = server.blocks
        return set.indices.sorted { (blocks[$0].retention, $0) < (blocks[$1].retention, $1) }
    }
}

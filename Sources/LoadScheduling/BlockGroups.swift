/// The blocks of an ``EdgeServer`` in groups that the same models use: they have the same next use in every plan, so a timeline
/// need not walk them one by one.
///
/// Kept as long as the server's blocks and chains stay the same.
struct BlockGroups: Sendable {
    /// For each model, where its groups begin in ``modelGroups``; one more for the end.
    private(set) var modelOffsets: [Int] = [0]
    /// The groups of all models, in the order the models' chains come to them.
    private(set) var modelGroups: [Int] = []
    /// For each group, where its blocks begin in ``members``; one more for the end.
    private(set) var offsets: [Int] = [0]
    /// The blocks of all groups, those of a group in the order they would be evicted: by ``EdgeServer/Block/retention``.
    private(set) var members: [Int] = []
    /// Differs whenever anything has changed.
    private(set) var version = 0
    private var chains: [[Int]] = []
    private var blocks: [EdgeServer.Block] = []

    /// Becomes what `server` needs.
    /// - Complexity: O(models) where nothing has changed, O(blocks) where only estimates have, else O(blocks of all models).
    mutating func update(for server: EdgeServer) {
        let isSameShape = hasChains(of: server.models) && blocks.count == server.blocks.count
        guard !isSameShape || blocks != server.blocks else { return }
        version += 1
        blocks = server.blocks
        if !isSameShape { group(server) }
        sortMembers()
    }

    /// The groups of `model`.
    func range(_ model: Int) -> Range<Int> { modelOffsets[model]..<modelOffsets[model + 1] }

    /// Arrays that share their storage are equal at a glance.
    private func hasChains(of models: [EdgeServer.Model]) -> Bool {
        chains.count == models.count && chains.indices.allSatisfy { chains[$0] == models[$0].blocks }
    }

    private mutating func group(_ server: EdgeServer) {
        chains = server.models.map(\.blocks)
        let (groupOf, count) = number(classes())
        offsets = [Int](repeating: 0, count: count + 1)
        for group in groupOf { offsets[group + 1] += 1 }
        for group in 0..<count { offsets[group + 1] += offsets[group] }
        members = [Int](repeating: 0, count: groupOf.count)
        var next = offsets
        for (block, group) in groupOf.enumerated() {
            members[next[group]] = block
            next[group] += 1
        }
        listGroups(groupOf, count)
    }

    /// For each block a number that those share which the same models use: what one model uses of a class becomes a class of its own.
    private func classes() -> [Int] {
        var classOf = [Int](repeating: 0, count: blocks.count)
        var splitBy = [-1]
        var splitTo = [0]
        for (model, chain) in chains.enumerated() {
            for block in chain {
                let old = classOf[block]
                if splitBy[old] != model {
                    splitBy[old] = model
                    splitTo[old] = splitBy.count
                    splitBy.append(model)
                    splitTo.append(splitBy.count - 1)
                }
                classOf[block] = splitTo[old]
            }
        }
        return classOf
    }

    /// Numbers without gaps, by first block.
    private func number(_ classOf: [Int]) -> (groupOf: [Int], count: Int) {
        var numbers = [Int](repeating: -1, count: (classOf.max() ?? 0) + 1)
        var count = 0
        let groupOf = classOf.map { old in
            if numbers[old] < 0 {
                numbers[old] = count
                count += 1
            }
            return numbers[old]
        }
        return (groupOf, count)
    }

    private mutating func listGroups(_ groupOf: [Int], _ count: Int) {
        modelOffsets.removeAll(keepingCapacity: true)
        modelGroups.removeAll(keepingCapacity: true)
        var listedFor = [Int](repeating: -1, count: count)
        for (model, chain) in chains.enumerated() {
            modelOffsets.append(modelGroups.count)
            for block in chain where listedFor[groupOf[block]] != model {
                listedFor[groupOf[block]] = model
                modelGroups.append(groupOf[block])
            }
        }
        modelOffsets.append(modelGroups.count)
    }

    private mutating func sortMembers() {
        let blocks = blocks
        for group in 0..<max(offsets.count - 1, 0) where offsets[group + 1] - offsets[group] > 1 {
            members[offsets[group]..<offsets[group + 1]].sort {
                (blocks[$0].retention, $0) < (blocks[$1].retention, $1)
            }
        }
    }
}

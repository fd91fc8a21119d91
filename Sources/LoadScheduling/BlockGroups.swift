/// The blocks of an ``EdgeServer`` in groups that the same models use: they have the same next use in every plan, so a timeline
/// need not walk them one by one.
final class BlockGroups: Sendable {
    /// For each model, where its groups begin in ``modelGroups``; one more for the end.
    let modelOffsets: [Int]
    /// The groups of all models, in the order the models' chains come to them.
    let modelGroups: [Int]
    /// For each group, where its blocks begin in ``members``; one more for the end.
    let offsets: [Int]
    /// The blocks of all groups.
    let members: [Int]
    /// For each block, its group.
    let groupOf: [Int]
    private let chains: [[Int]]

    /// The groups of `server`.
    /// - Complexity: O(blocks of all models).
    init(of server: EdgeServer) {
        chains = server.models.map(\.blocks)
        let (groupOf, count) = Self.number(Self.classes(of: server.blocks.count, chains))
        var offsets = [Int](repeating: 0, count: count + 1)
        for group in groupOf { offsets[group + 1] += 1 }
        for group in 0..<count { offsets[group + 1] += offsets[group] }
        var members = [Int](repeating: 0, count: groupOf.count)
        var next = offsets
        for (block, group) in groupOf.enumerated() {
            members[next[group]] = block
            next[group] += 1
        }
        // Parts need them in the order of eviction: the nearer they are to it, the better.
        let blocks = server.blocks
        for group in 0..<count {
            members[offsets[group]..<offsets[group + 1]].sort {
                (blocks[$0].retention, $0) < (blocks[$1].retention, $1)
            }
        }
        self.groupOf = groupOf
        self.offsets = offsets
        self.members = members
        (modelOffsets, modelGroups) = Self.list(chains, groupOf, count)
    }

    /// How many groups there are.
    var count: Int { offsets.count - 1 }

    /// The groups of `model`.
    func range(_ model: Int) -> Range<Int> { modelOffsets[model]..<modelOffsets[model + 1] }

    /// Whether these are the groups of `server`; arrays that share their storage are equal at a glance.
    /// - Complexity: O(models).
    func holds(for server: EdgeServer) -> Bool {
        groupOf.count == server.blocks.count && chains.count == server.models.count
            && chains.indices.allSatisfy { chains[$0] == server.models[$0].blocks }
    }

    /// For each block a number that those share which the same models use: what one model uses of a class becomes a class of its own.
    private static func classes(of count: Int, _ chains: [[Int]]) -> [Int] {
        var classOf = [Int](repeating: 0, count: count)
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
    private static func number(_ classOf: [Int]) -> (groupOf: [Int], count: Int) {
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

    private static func list(_ chains: [[Int]], _ groupOf: [Int], _ count: Int) -> (offsets: [Int], groups: [Int]) {
        var offsets = [0]
        var groups: [Int] = []
        var listedFor = [Int](repeating: -1, count: count)
        for (model, chain) in chains.enumerated() {
            for block in chain where listedFor[groupOf[block]] != model {
                listedFor[groupOf[block]] = model
                groups.append(groupOf[block])
            }
            offsets.append(groups.count)
        }
        return (offsets, groups)
    }
}

/// The groups an ``EdgeServer`` was given, if any: they follow from the rest of it, so servers differ in nothing by them.
struct BlockGroupsHint: Hashable, Sendable {
    var groups: BlockGroups?

    static func == (lhs: BlockGroupsHint, rhs: BlockGroupsHint) -> Bool { true }

    func hash(into hasher: inout Hasher) {}
}

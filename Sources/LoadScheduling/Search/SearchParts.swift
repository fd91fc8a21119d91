/// The blocks of the models a search may run, in parts that come and go as one in every plan: what the same models use
/// (``BlockGroups``), parted by whether it is resident at the start.
struct SearchParts: Sendable {
    /// Seconds to load each part.
    private(set) var seconds: [Double] = []
    /// Bytes of each part.
    private(set) var bytes: [Int] = []
    /// Whether each part is resident at the start.
    private(set) var isResident: [Bool] = []
    /// The parts of all slots, in ascending order for each.
    private(set) var list: [Int] = []
    /// Bytes of all blocks resident at the start, whoever uses them.
    let residentBytes: Int
    private var offsets = [0]

    /// How many parts there are.
    var count: Int { seconds.count }

    /// Where the parts of `slot` are in ``list``.
    func range(_ slot: Int) -> Range<Int> { offsets[slot]..<offsets[slot + 1] }

    /// Parts the blocks of `models`, one slot each.
    /// - Complexity: O(blocks of all models).
    init(_ models: [Int], of problem: SchedulingProblem, _ budget: inout BudgetWatch) {
        let server = problem.server
        residentBytes = server.bytes(of: problem.state.resident)
        let given = server.hint.groups
        let groups = given?.holds(for: server) ?? false ? given ?? BlockGroups(of: server) : BlockGroups(of: server)
        var first = [Int](repeating: -1, count: groups.count)
        var number = [Int](repeating: 0, count: groups.count)
        for model in models {
            for place in groups.range(model) {
                let group = groups.modelGroups[place]
                if first[group] < 0 {
                    first[group] = count
                    part(group, of: groups, problem)
                    number[group] = count - first[group]
                }
                list.append(contentsOf: first[group]..<first[group] + number[group])
            }
            list[offsets[offsets.count - 1]...].sort()
            offsets.append(list.count)
            budget.spend(2 * server.models[model].blocks.count)
        }
    }

    private mutating func part(_ group: Int, of groups: BlockGroups, _ problem: SchedulingProblem) {
        let blocks = problem.server.blocks
        for resident in [false, true] {
            var sum = (seconds: 0.0, bytes: 0)
            var isEmpty = true
            for place in groups.offsets[group]..<groups.offsets[group + 1] {
                let block = groups.members[place]
                guard problem.state.resident.contains(block) == resident else { continue }
                sum.seconds += blocks[block].loadSeconds
                sum.bytes &+= blocks[block].bytes
                isEmpty = false
            }
            guard !isEmpty else { continue }
            seconds.append(sum.seconds)
            bytes.append(sum.bytes)
            isResident.append(resident)
        }
    }

    /// Calls `body` with each part of `slot` that is not among those of `other`; -1 stands for what is resident at the start.
    /// - Complexity: O(parts of both).
    func forEach(of slot: Int, notIn other: Int, _ body: (Int) -> Void) {
        guard other >= 0 else {
            for place in range(slot) where !isResident[list[place]] { body(list[place]) }
            return
        }
        var theirs = offsets[other]
        let end = offsets[other + 1]
        for place in range(slot) {
            let part = list[place]
            while theirs < end, list[theirs] < part { theirs += 1 }
            if theirs == end || list[theirs] != part { body(part) }
        }
    }
}

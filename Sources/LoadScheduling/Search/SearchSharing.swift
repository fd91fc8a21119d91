/// Which blocks of each model other models share, as bit masks: what a load would cost where blocks stay resident.
struct SearchSharing: Sendable {
    private let count: Int
    /// For each slot and each other slot, which blocks of the first are in the second; empty where it would be too large.
    private let masks: [UInt64]
    /// For each slot, which of its blocks are resident at the start.
    private let resident: [UInt64]
    /// For each slot, its blocks' seconds by bit; the last bit stands for all further blocks together.
    private let seconds: [[Double]]

    private static let largestTable = 500_000

    init(_ instance: SearchInstance) {
        count = instance.models.count
        let server = instance.problem.server
        let lists = instance.models.map { server.models[$0.index].blocks }
        seconds = lists.map { list in
            var result = list.prefix(63).map { server.blocks[$0].loadSeconds }
            if list.count > 63 { result.append(list.dropFirst(63).reduce(0) { $0 + server.blocks[$1].loadSeconds }) }
            return result
        }
        resident = lists.map { Self.mask($0, instance.problem.state.resident) }
        var masks: [UInt64] = []
        if count * count <= Self.largestTable, server.reuse == .retained {
            masks.reserveCapacity(count * count)
            for list in lists {
                for slot in 0..<count { masks.append(Self.mask(list, instance.loads.blockSet(slot))) }
            }
        }
        self.masks = masks
    }

    private static func mask(_ list: [Int], _ set: BlockSet) -> UInt64 {
        var mask: UInt64 = 0
        for (bit, block) in list.prefix(63).enumerated() where set.contains(block) { mask |= 1 << UInt64(bit) }
        if list.count > 63, list.dropFirst(63).allSatisfy({ set.contains($0) }) { mask |= 1 << 63 }
        return mask
    }

    /// Which blocks of `slot` are in `other`; all of them where no table is kept, so that a check decides.
    func mask(_ slot: Int, in other: Int) -> UInt64 { masks.isEmpty ? .max : masks[slot * count + other] }

    func residentMask(_ slot: Int) -> UInt64 { resident[slot] }

    /// Seconds of the blocks of `slot` that are not in `mask`.
    func seconds(_ slot: Int, without mask: UInt64) -> Double {
        var sum = 0.0
        for (bit, value) in seconds[slot].enumerated() where mask & (1 << UInt64(bit)) == 0 { sum += value }
        return sum
    }

    /// Seconds of the blocks of `slot` that are in `mask`.
    func seconds(_ slot: Int, of mask: UInt64) -> Double {
        var sum = 0.0
        for (bit, value) in seconds[slot].enumerated() where mask & (1 << UInt64(bit)) != 0 { sum += value }
        return sum
    }
}

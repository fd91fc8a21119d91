/// Which parts of each model other models share, as bit masks: what a load would cost where blocks stay resident.
struct SearchSharing: Sendable {
    private let count: Int
    private let parts: SearchParts
    /// For each slot and each other slot, which parts of the first are in the second; empty where it would be too large, is not
    /// asked for, or the budget was used up before it was there.
    private let masks: [UInt64]
    /// For each slot, which of its parts are resident at the start.
    private let resident: [UInt64]

    private static let largestTable = 500_000

    init(_ instance: SearchInstance, _ budget: inout BudgetWatch) {
        count = instance.models.count
        let parts = instance.parts
        self.parts = parts
        resident = (0..<count).map { Self.mask($0, parts, parts.isResident) }
        let isNeeded = count * count <= Self.largestTable && instance.problem.server.reuse == .retained
        masks = isNeeded ? Self.masks(count, parts, &budget) : []
    }

    private static func masks(_ count: Int, _ parts: SearchParts, _ budget: inout BudgetWatch) -> [UInt64] {
        var masks = [UInt64](repeating: 0, count: count * count)
        var isIn = [Bool](repeating: false, count: parts.count)
        for other in 0..<count {
            budget.spend(parts.list.count + count)
            guard !budget.isUsedUp else { return [] }
            for place in parts.range(other) { isIn[parts.list[place]] = true }
            for slot in 0..<count { masks[slot * count + other] = mask(slot, parts, isIn) }
            for place in parts.range(other) { isIn[parts.list[place]] = false }
        }
        return masks
    }

    /// The parts of `slot` for which `isIn` holds, one bit each; the last bit stands for all further parts together.
    private static func mask(_ slot: Int, _ parts: SearchParts, _ isIn: [Bool]) -> UInt64 {
        var mask: UInt64 = 0
        let range = parts.range(slot)
        for place in range.prefix(63) where isIn[parts.list[place]] { mask |= 1 << UInt64(place - range.lowerBound) }
        let rest = range.dropFirst(63)
        if !rest.isEmpty, rest.allSatisfy({ isIn[parts.list[$0]] }) { mask |= 1 << 63 }
        return mask
    }

    /// Which parts of `slot` are in `other`; all of them where no table is kept, so that a check decides.
    func mask(_ slot: Int, in other: Int) -> UInt64 { masks.isEmpty ? .max : masks[slot * count + other] }

    func residentMask(_ slot: Int) -> UInt64 { resident[slot] }

    /// Seconds of the parts of `slot` that are not in `mask`.
    func seconds(_ slot: Int, without mask: UInt64) -> Double { seconds(slot, of: ~mask) }

    /// Seconds of the parts of `slot` that are in `mask`.
    func seconds(_ slot: Int, of mask: UInt64) -> Double {
        guard mask != 0 else { return 0 }
        var sum = 0.0
        let range = parts.range(slot)
        for place in range where mask & (1 << UInt64(min(place - range.lowerBound, 63))) != 0 {
            sum += parts.seconds[parts.list[place]]
        }
        return sum
    }
}

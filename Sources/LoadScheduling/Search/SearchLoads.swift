/// Seconds of load between models, looked up instead of counted part by part.
struct SearchLoads: Sendable {
    let count: Int
    /// For each slot before (0 for the start, then slot + 1) and each slot, the seconds to load; empty where it would be too large,
    /// or the budget was used up before it was there.
    let table: [Double]
    /// For each slot, the least seconds its load can take behind another model or at the start.
    let least: [Double]
    private let parts: SearchParts

    /// The most entries the table may have: 4 MB.
    private static let largestTable = 500_000

    init(_ parts: SearchParts, slots: Int, _ budget: inout BudgetWatch) {
        count = slots
        self.parts = parts
        var least = [Double](repeating: .infinity, count: slots)
        let table = (slots + 1) * slots <= Self.largestTable ? Self.table(parts, slots, &least, &budget) : []
        self.least = table.isEmpty ? Array(repeating: 0, count: slots) : least
        self.table = table
    }

    private static func table(
        _ parts: SearchParts,
        _ slots: Int,
        _ least: inout [Double],
        _ budget: inout BudgetWatch
    ) -> [Double] {
        var table: [Double] = []
        table.reserveCapacity((slots + 1) * slots)
        var isKept = parts.isResident
        for before in -1..<slots {
            budget.spend(parts.list.count)
            guard !budget.isUsedUp else { return [] }
            if before >= 0 { for place in parts.range(before) { isKept[parts.list[place]] = true } }
            for slot in 0..<slots {
                var seconds = 0.0
                for place in parts.range(slot) where !isKept[parts.list[place]] {
                    seconds += parts.seconds[parts.list[place]]
                }
                table.append(seconds)
                if slot != before { least[slot] = min(least[slot], seconds) }
            }
            if before < 0 {
                for part in isKept.indices { isKept[part] = false }
            } else {
                for place in parts.range(before) { isKept[parts.list[place]] = false }
            }
        }
        return table
    }

    /// Seconds to load the model of `slot` when only the blocks of `before` are resident; -1 stands for the start.
    func seconds(_ slot: Int, after before: Int) -> Double {
        if !table.isEmpty { return table[(before + 1) * count + slot] }
        var sum = 0.0
        parts.forEach(of: slot, notIn: before) { sum += parts.seconds[$0] }
        return sum
    }

    /// Bytes to load the model of `slot` when only the blocks of `before` are resident; -1 stands for the start.
    func bytes(_ slot: Int, after before: Int) -> Int {
        var sum = 0
        parts.forEach(of: slot, notIn: before) { sum &+= parts.bytes[$0] }
        return sum
    }
}

/// The unserved requests of one model while a place for them is sought; keeps its memory.
struct SearchPool: Sendable {
    private(set) var slot = 0
    /// Their deadlines, the latest first.
    private(set) var deadlines: [Double] = []
    /// The most worth first.
    private(set) var requests: [Int] = []
    /// For each number, the uplink work of that many of the most worth.
    private(set) var works: [Double] = []
    /// For each number, the weight of that many of the most worth.
    private(set) var weights: [Double] = []

    var count: Int { requests.count }

    /// Takes in the unserved requests of `slot`.
    mutating func fill(_ slot: Int, _ plan: SearchPlan, _ instance: SearchInstance) {
        clear(slot)
        for index in instance.byDeadline[slot] where !plan.isServed[index] {
            deadlines.append(instance.problem.requests[index].deadline)
        }
        for index in instance.byWorth[slot] where !plan.isServed[index] { append(index, instance) }
    }

    /// Takes in some of the unserved requests of `slot`, each left out with probability `skips`.
    mutating func fill(
        _ slot: Int,
        _ plan: SearchPlan,
        _ instance: SearchInstance,
        skips: Double,
        _ random: inout SearchRandom
    ) {
        clear(slot)
        for index in instance.byWorth[slot] where !plan.isServed[index] && random.unit() >= skips {
            append(index, instance)
            deadlines.append(instance.problem.requests[index].deadline)
        }
        deadlines.sort(by: >)
    }

    private mutating func append(_ index: Int, _ instance: SearchInstance) {
        requests.append(index)
        works.append((works.last ?? 0) + instance.problem.requests[index].uplinkWork)
        weights.append((weights.last ?? 0) + instance.problem.requests[index].weight)
    }

    private mutating func clear(_ slot: Int) {
        self.slot = slot
        deadlines.removeAll(keepingCapacity: true)
        requests.removeAll(keepingCapacity: true)
        works.removeAll(keepingCapacity: true)
        weights.removeAll(keepingCapacity: true)
        works.append(0)
        weights.append(0)
    }

    /// The most requests, at most `limit`, that can end in time in a batch whose end with `count` of them is `base + item * count`.
    func most(_ limit: Int, base: Double, item: Double) -> Int {
        var low = 0
        var high = min(limit, deadlines.count)
        // Where more are in, the batch ends later and the least late deadline is earlier: feasible numbers are a prefix.
        while low < high {
            let middle = (low + high + 1) / 2
            if base + item * Double(middle) <= deadlines[middle - 1] + 1e-9 { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// The `count` requests most worth among those due at `end` or later.
    func choose(_ count: Int, endingAt end: Double, _ problem: SchedulingProblem) -> [Int] {
        var chosen: [Int] = []
        chosen.reserveCapacity(count)
        for index in requests where problem.requests[index].deadline + 1e-9 >= end {
            chosen.append(index)
            if chosen.count == count { break }
        }
        return chosen
    }
}

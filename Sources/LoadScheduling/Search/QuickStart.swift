/// A first schedule for problems of any size: again and again the batch with the most requests per second comes next, loads
/// taken from a table, and the uplink is looked at only at the end, when requests go, largest share first, until it suffices.
/// - Complexity: O(batches * models * log requests of a model + requests * log requests).
struct QuickStart {
    private let instance: SearchInstance
    private let sharing: SearchSharing
    /// For each slot, its remaining requests, the latest due first, and their deadlines.
    private var deadlines: [[Double]]
    private var plan: SearchPlan
    private var executor: Double
    private var loader: Double

    init(_ instance: SearchInstance, _ sharing: SearchSharing, _ budget: inout BudgetWatch) {
        self.instance = instance
        self.sharing = sharing
        deadlines = instance.byDeadline.map { list in
            budget.spend(list.count)
            return list.map { instance.problem.requests[$0].deadline }
        }
        plan = SearchPlan(instance)
        executor = instance.executorStart
        loader = max(instance.problem.state.loaderFree, instance.now)
    }

    /// Fills a plan until nothing is in time any more, or the budget is used up and there is a batch; not yet settled.
    mutating func fill(_ budget: inout BudgetWatch) -> SearchPlan {
        while let next = best() {
            append(next)
            budget.spend(instance.models.count * 8)
            if budget.isUsedUp { break }
        }
        return plan
    }

    private struct Candidate {
        var slot: Int
        var count: Int
        var loaderEnd: Double
        var finish: Double
        var gain: Double
    }

    private func best() -> Candidate? {
        var best: Candidate?
        for slot in instance.models.indices where !deadlines[slot].isEmpty {
            guard let latest = deadlines[slot].first, latest > executor else { continue }
            guard let candidate = candidate(slot), candidate.gain > best?.gain ?? 0 else { continue }
            best = candidate
        }
        return best
    }

    private func candidate(_ slot: Int) -> Candidate? {
        let model = instance.models[slot]
        let load = load(slot)
        let overlaps = instance.problem.server.overlap
        let loaderEnd = load > 0 ? (overlaps ? loader : executor) + load : loader
        let start = load > 0 ? max(executor, loaderEnd) : executor
        let count = most(deadlines[slot], model, start)
        guard count > 0 else { return nil }
        let finish = start + model.seconds(count)
        let gain = Double(count) / max(finish - executor, 1e-9)
        return Candidate(slot: slot, count: count, loaderEnd: loaderEnd, finish: finish, gain: gain)
    }

    private func load(_ slot: Int) -> Double {
        guard instance.problem.server.reuse == .retained, !plan.batches.isEmpty else {
            return instance.loads.seconds(slot, after: plan.batches.last?.slot ?? -1)
        }
        // What the last batches brought in is resident; how far back is a guess that settling corrects.
        var bytes = 0
        var mask: UInt64 = 0
        for batch in plan.batches.suffix(24).reversed() {
            bytes &+= instance.models[batch.slot].bytes
            guard bytes <= instance.problem.server.memoryBytes || mask == 0 else { break }
            mask |= sharing.mask(slot, in: batch.slot)
        }
        if bytes <= instance.problem.server.memoryBytes { mask |= sharing.residentMask(slot) }
        return sharing.seconds(slot, without: mask)
    }

    private func most(_ deadlines: [Double], _ model: SearchInstance.Model, _ start: Double) -> Int {
        var low = 0
        var high = min(deadlines.count, model.maximumBatchSize)
        while low < high {
            let middle = (low + high + 1) / 2
            let isInTime = start + model.seconds(middle) <= deadlines[middle - 1] + 1e-9
            if isInTime { low = middle } else { high = middle - 1 }
        }
        return low
    }

    private mutating func append(_ next: Candidate) {
        let requests = instance.problem.requests
        var chosen: [Int] = []
        for index in instance.byWorth[next.slot] where !plan.isServed[index] {
            guard requests[index].deadline + 1e-9 >= next.finish else { continue }
            chosen.append(index)
            if chosen.count == next.count { break }
        }
        plan.insert(chosen, slot: next.slot, at: plan.batches.count, instance.problem)
        let left = instance.byDeadline[next.slot].filter { !plan.isServed[$0] }
        deadlines[next.slot] = left.map { requests[$0].deadline }
        executor = next.finish
        loader = max(loader, next.loaderEnd)
    }
}

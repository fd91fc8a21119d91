/// A place for some requests of one model: a new batch, or more in one that is there.
struct SearchInsertion: Sendable {
    /// Before which batch, or in which one.
    var position: Int
    var joins: Bool
    var count: Int
    /// When the batch ends.
    var finish: Double
    var score: Double
}

extension SearchRun {
    /// The place with the best score for unserved requests of `pool`; nil where none fits. Exact on deadlines in the paper's
    /// case without unpaced uploads, an estimate elsewhere: ``commit(_:)`` decides.
    /// - Complexity: O(batches).
    mutating func bestInsertion(_ prices: SearchPrices, skips: Double) -> SearchInsertion? {
        var best: SearchInsertion?
        let slot = pool.slot
        let model = instance.models[slot]
        if !instance.isChain { estimateLoads(slot) }
        let shortest = model.seconds(1)
        let last = pool.deadlines.first ?? -.infinity
        let count = times.slots.count
        budget.spend(count)
        for position in 0...count {
            if position < count, times.slots[position] == slot { consider(joining(position, model, prices), &best) }
            let free = position > 0 ? times.finish[position - 1] : instance.executorStart
            if free + shortest > last + 1e-9 { break }
            // Most places are full: seen before anything else is looked up.
            if position < count, times.latest[position] - free < shortest { continue }
            if skips > 0, random.unit() < skips { continue }
            consider(opening(position, model, free, prices), &best)
        }
        return best
    }

    /// When one more request of `slot` could end at the earliest whatever the uplink says; infinity where there is no place.
    mutating func earliestEnd(of slot: Int) -> Double {
        pool.fill(slot, plan, instance)
        if !instance.isChain { estimateLoads(slot) }
        let model = instance.models[slot]
        var earliest = Double.infinity
        for position in 0...plan.batches.count {
            let hasNext = position < plan.batches.count
            let loads = loads(at: position, position > 0 ? times.finish[position - 1] : instance.executorStart)
            let end = loads.start + model.seconds(1)
            if !hasNext || end + loads.next <= times.latest[position] { earliest = min(earliest, end) }
            guard hasNext, plan.batches[position].slot == slot else { continue }
            let hasRoom = plan.batches[position].requests.count < model.maximumBatchSize
            let grows = times.start[position] + model.item <= times.latest[position]
            if hasRoom, grows { earliest = min(earliest, times.finish[position] + model.item) }
        }
        return earliest
    }

    private func consider(_ insertion: SearchInsertion?, _ best: inout SearchInsertion?) {
        guard let insertion else { return }
        if let found = best, found.score >= insertion.score { return }
        best = insertion
    }

    /// A new batch before `position`.
    private func opening(
        _ position: Int,
        _ model: SearchInstance.Model,
        _ free: Double,
        _ prices: SearchPrices
    ) -> SearchInsertion? {
        let due = position < times.latest.count ? times.latest[position] : Double.infinity
        let loads = loads(at: position, free)
        let last = due - loads.next
        let room = last - loads.start - model.base
        guard room >= model.item else { return nil }
        let limit = Self.number(room, model.item, min(pool.count, model.maximumBatchSize))
        var count = pool.most(limit, base: loads.start + model.base, item: model.item)
        guard count > 0 else { return nil }
        let finish = loads.start + model.seconds(count)
        let window = min(pool.deadlines[count - 1], last) - model.seconds(count) - instance.now
        count = within(share: instance.capacity - times.share, window, count)
        guard count > 0 else { return nil }
        let seconds = loads.extra + model.seconds(count)
        let score = pool.weights[count] - prices.second * seconds - prices.hertz * pool.works[count] / max(window, 1e-9)
        return SearchInsertion(position: position, joins: false, count: count, finish: finish, score: score)
    }

    /// More requests in batch `position`, which is of the pool's model.
    private func joining(
        _ position: Int,
        _ model: SearchInstance.Model,
        _ prices: SearchPrices
    ) -> SearchInsertion? {
        let held = plan.batches[position].requests.count
        let room = times.latest[position] - times.start[position]
        guard room >= model.item, held < model.maximumBatchSize else { return nil }
        let limit = Self.number(room, model.item, min(pool.count, model.maximumBatchSize - held))
        var count = pool.most(limit, base: times.finish[position], item: model.item)
        guard count > 0 else { return nil }
        let finish = times.finish[position] + model.item * Double(count)
        let window = times.latest[position] - model.item * Double(count) - instance.now
        count = within(share: instance.capacity - times.share, window, count)
        guard count > 0 else { return nil }
        let score =
            pool.weights[count] - prices.second * model.item * Double(count)
            - prices.hertz * pool.works[count] / max(window, 1e-9)
        return SearchInsertion(position: position, joins: true, count: count, finish: finish, score: score)
    }

    /// How many times `item` goes into `room`, at most `limit`.
    private static func number(_ room: Double, _ item: Double, _ limit: Int) -> Int {
        guard item > 0, room / item < Double(limit) else { return limit }
        return max(Int(room / item + 1e-9), 0)
    }

    /// The most of `count` whose uploads fit on what is left of the uplink, as if the others' shares stayed.
    private func within(share: Double, _ window: Double, _ count: Int) -> Int {
        var count = count
        while count > 0, pool.works[count] > share * window { count -= 1 }
        return count
    }

    /// When a batch of the pool's model would start before `position`, the load of the batch after it, and the seconds of load it adds.
    private func loads(at position: Int, _ free: Double) -> (start: Double, next: Double, extra: Double) {
        let hasNext = position < times.slots.count
        guard instance.isChain else {
            let own = estimates[position]
            guard instance.problem.server.overlap else {
                let next = hasNext ? max(times.load[position] - saved[position], 0) : 0
                return (free + own, next, hasNext ? own + next - times.load[position] : own)
            }
            let loader = position > 0 ? times.loaderEnd[position - 1] : loaderStart
            return (own > 0 ? max(free, loader + own) : free, 0, own)
        }
        let own = instance.loads.seconds(pool.slot, after: position > 0 ? times.slots[position - 1] : -1)
        guard hasNext else { return (free + own, 0, own) }
        let next = instance.loads.seconds(times.slots[position], after: pool.slot)
        return (free + own, next, own + next - times.load[position])
    }
}

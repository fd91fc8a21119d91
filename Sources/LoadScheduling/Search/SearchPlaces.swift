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
    /// case without unpaced uploads, an estimate elsewhere: a commit decides.
    /// - Complexity: O(batches).
    mutating func bestInsertion(_ prices: SearchPrices, skips: Double) -> SearchInsertion? {
        if !instance.isChain { estimateLoads(pool.slot) }
        budget.spend(times.slots.count * (instance.isChain ? 1 : 8))
        let places = SearchPlaces(self, prices)
        return places.best(skips, &random)
    }

    /// When one more request of `slot` could end at the earliest whatever the uplink says; infinity where there is no place.
    mutating func earliestEnd(of slot: Int) -> Double {
        pool.fill(slot, plan, instance)
        if !instance.isChain { estimateLoads(slot) }
        return SearchPlaces(self, SearchPrices()).earliestEnd
    }
}

/// The places for the requests of one pool in one plan. A value of its own, so that looking costs no copy of the run.
struct SearchPlaces: Sendable {
    private let model: SearchInstance.Model
    private let slot: Int
    private let pool: SearchPool
    private let prices: SearchPrices
    private let isChain: Bool
    private let overlap: Bool
    private let loads: SearchLoads
    private let now: Double
    private let executorStart: Double
    private let loaderStart: Double
    /// What is left of the uplink.
    private let free: Double
    private let hasTurns: Bool
    private let capacity: Double
    private let workUpTo: [Double]
    private let spareWork: [Double]
    private let slots: [Int]
    private let counts: [Int]
    private let start: [Double]
    private let finish: [Double]
    private let latest: [Double]
    private let load: [Double]
    private let loaderEnd: [Double]
    private let estimates: [Double]
    private let saved: [Double]

    init(_ run: SearchRun, _ prices: SearchPrices) {
        let instance = run.instance
        pool = run.pool
        slot = pool.slot
        model = instance.models[slot]
        self.prices = prices
        isChain = instance.isChain
        overlap = instance.problem.server.overlap
        loads = instance.loads
        now = instance.now
        executorStart = instance.executorStart
        loaderStart = run.loaderStart
        free = instance.capacity - run.times.share
        hasTurns = instance.hasTurns
        capacity = instance.capacity
        workUpTo = run.times.workUpTo
        spareWork = run.times.spareWork
        slots = run.times.slots
        counts = run.times.counts
        start = run.times.start
        finish = run.times.finish
        latest = run.times.latest
        load = run.times.load
        loaderEnd = run.times.loaderEnd
        estimates = run.estimates
        saved = run.saved
    }

    /// The best place, leaving out some at random where `skips` is over 0.
    func best(_ skips: Double, _ random: inout SearchRandom) -> SearchInsertion? {
        var best: SearchInsertion?
        let shortest = model.seconds(1) + (isChain ? loads.least[slot] : 0)
        let last = (pool.deadlines.first ?? -.infinity) + 1e-9
        var free = executorStart
        for position in 0...slots.count {
            let hasNext = position < slots.count
            if hasNext, slots[position] == slot { joining(position, &best) }
            let isBesideOwn = position > 0 && slots[position - 1] == slot || hasNext && slots[position] == slot
            if isBesideOwn || isOpen(position, free, shortest), skips == 0 || random.unit() >= skips {
                opening(position, free, &best)
            }
            guard hasNext else { break }
            free = finish[position]
            if free + model.item > last { break }
        }
        return best
    }

    /// When one more request could end at the earliest, whatever the uplink says; infinity where there is no place.
    var earliestEnd: Double {
        var earliest = Double.infinity
        for position in 0...slots.count {
            let hasNext = position < slots.count
            let loads = loads(at: position, position > 0 ? finish[position - 1] : executorStart)
            let end = loads.start + model.seconds(1)
            if !hasNext || end + loads.next <= latest[position] { earliest = min(earliest, end) }
            guard hasNext, slots[position] == slot, counts[position] < model.maximumBatchSize else { continue }
            guard start[position] + model.item <= latest[position] else { continue }
            earliest = min(earliest, finish[position] + model.item)
        }
        return earliest
    }

    /// Whether a batch of `shortest` may fit in before `position`: most places are full, seen before anything else is looked up.
    private func isOpen(_ position: Int, _ free: Double, _ shortest: Double) -> Bool {
        guard position < slots.count else { return true }
        let due = latest[position] - (isChain ? loads.least[slots[position]] : 0)
        return due - free >= shortest
    }

    /// Considers a new batch before `position`, where the executor is free from `free` on.
    private func opening(_ position: Int, _ free: Double, _ best: inout SearchInsertion?) {
        let loads = loads(at: position, free)
        let last = (position < latest.count ? latest[position] : .infinity) - loads.next
        let room = last - loads.start - model.base
        guard room >= model.item else { return }
        let limit = number(room, min(pool.count, model.maximumBatchSize))
        let inTime = pool.most(limit, base: loads.start + model.base, item: model.item)
        guard inTime > 0 else { return }
        let window = min(pool.deadlines[inTime - 1], last) - model.seconds(inTime) - now
        let count = onUplink(inTime, window, at: position, joins: false)
        guard count > 0 else { return }
        let score = score(count, loads.extra + model.seconds(count), window)
        if let best, best.score >= score { return }
        let finish = loads.start + model.seconds(count)
        best = SearchInsertion(position: position, joins: false, count: count, finish: finish, score: score)
    }

    /// Considers more requests in batch `position`, which is of the pool's model.
    private func joining(_ position: Int, _ best: inout SearchInsertion?) {
        let room = latest[position] - start[position]
        guard room >= model.item, counts[position] < model.maximumBatchSize else { return }
        let limit = number(room, min(pool.count, model.maximumBatchSize - counts[position]))
        let inTime = pool.most(limit, base: finish[position], item: model.item)
        guard inTime > 0 else { return }
        let window = latest[position] - model.item * Double(inTime) - now
        let count = onUplink(inTime, window, at: position, joins: true)
        guard count > 0 else { return }
        let seconds = model.item * Double(count)
        let score = score(count, seconds, window)
        if let best, best.score >= score { return }
        let finish = finish[position] + seconds
        best = SearchInsertion(position: position, joins: true, count: count, finish: finish, score: score)
    }

    private func score(_ count: Int, _ seconds: Double, _ window: Double) -> Double {
        let share = prices.hertz > 0 ? pool.works[count] / max(window, 1e-9) : 0
        return pool.weights[count] - prices.second * seconds - prices.hertz * share
    }

    /// How many requests fit into `room` seconds, at most `limit`.
    private func number(_ room: Double, _ limit: Int) -> Int {
        guard model.item > 0, room / model.item < Double(limit) else { return limit }
        return max(Int(room / model.item + 1e-9), 0)
    }

    /// The most of `count` whose uploads fit on what is left of the uplink, as if the others' shares stayed.
    private func onUplink(_ count: Int, _ window: Double, at position: Int, joins: Bool) -> Int {
        var room = free * window
        if hasTurns {
            let before = joins ? workUpTo[position] : position > 0 ? workUpTo[position - 1] : 0
            let after = joins ? position + 1 : position
            room = min(capacity * window - before, after < spareWork.count ? spareWork[after] : .infinity)
        }
        var count = count
        while count > 0, pool.works[count] > room { count -= 1 }
        return count
    }

    /// When a batch would start before `position`, the load of the batch after it then, and the seconds of load it adds.
    private func loads(at position: Int, _ free: Double) -> (start: Double, next: Double, extra: Double) {
        let hasNext = position < slots.count
        if isChain {
            let own = loads.seconds(slot, after: position > 0 ? slots[position - 1] : -1)
            guard hasNext else { return (free + own, 0, own) }
            let next = loads.seconds(slots[position], after: slot)
            return (free + own, next, own + next - load[position])
        }
        let own = estimates[position]
        if overlap {
            let loader = position > 0 ? loaderEnd[position - 1] : loaderStart
            return (own > 0 ? max(free, loader + own) : free, 0, own)
        }
        let next = hasNext ? max(load[position] - saved[position], 0) : 0
        return (free + own, next, hasNext ? own + next - load[position] : own)
    }
}

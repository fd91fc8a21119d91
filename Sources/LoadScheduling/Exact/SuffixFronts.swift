/// For every set of requests and every context before it: how late and with how little of the uplink the set can be served.
///
/// Backwards as in the closed form: a batch B before a suffix that leaves the executor at S starts at A = min(D_B, S) - tau at
/// the latest and needs the sum of D_k / (e_k A); where uploads take turns, the work of B and of all in front of it is at
/// most W A. Later and cheaper is better in each component, so the entries no other is as good as in all of them are all
/// there is to know. Of memory only this is seen here: what cannot have been kept beside the blocks of the last model is
/// loaded again, and a load that does not fit beside them waits for that batch. Fronts are exact where that is all.
struct SuffixFronts {
    /// One way to serve a set.
    struct Entry: Equatable {
        /// When the executor must be free at the latest.
        var executor: Double
        /// When the loader must be free at the latest; counts with overlap only.
        var loader: Double
        /// The least shares it needs, in hertz. Where uploads take turns: the work that may be in front of it at most, in hertz
        /// seconds, negative so that less is better in either case.
        var uplink: Double
    }

    private var entries: [Entry] = []
    private var ranges: [Range<Int>] = []
    private let instance: ExhaustiveInstance
    /// The least D_k / e_k of requests in front of the set at hand, for a schedule that is worth the target.
    private var needed = 0.0

    /// Computes all fronts, as far as they can be part of schedules that serve at least `target` in weight.
    ///
    /// Nil where the budget was used up before.
    init?(_ instance: ExhaustiveInstance, limits: SchedulingLimits, target: Double = 0, ignoringUplink: Bool = false) {
        self.instance = instance
        let byCost = instance.requests.indices.sorted {
            instance.work[1 << $0] * instance.weight[1 << $1] < instance.work[1 << $1] * instance.weight[1 << $0]
        }
        var front: [Entry] = []
        for _ in 0..<instance.contexts {
            ranges.append(entries.count..<(entries.count + 1))
            entries.append(Entry(executor: .infinity, loader: .infinity, uplink: instance.hasTurns ? -.infinity : 0))
        }
        for set in 1..<max(instance.weight.count, 1) {
            let outside = instance.modelsOf[instance.everything & ~set]
            needed = ignoringUplink ? 0 : Self.workNeeded(beside: set, target, byCost, instance)
            for context in 0..<instance.contexts {
                if limits.isBudgetUsedUp() { return nil }
                // Who has run had requests outside the set.
                guard instance.behind[context] & ~outside == 0 else {
                    ranges.append(entries.count..<entries.count)
                    continue
                }
                front.removeAll(keepingCapacity: true)
                extend(&front, set, context, ignoringUplink)
                ranges.append(entries.count..<(entries.count + front.count))
                entries.append(contentsOf: front)
            }
        }
    }

    /// The front of `set` after `context`.
    func front(_ set: Int, _ context: Int) -> ArraySlice<Entry> { entries[ranges[set * instance.contexts + context]] }

    /// Whether `set` can be served at all, taking memory for unlimited.
    func isServable(_ set: Int) -> Bool { !front(set, instance.start).isEmpty }

    /// Adds what begins with each batch of `set`.
    private func extend(_ front: inout [Entry], _ set: Int, _ context: Int, _ ignoringUplink: Bool) {
        for model in instance.models.indices {
            let mine = set & instance.members[model]
            let load = instance.load[context][model]
            let next = instance.next(context, model: model)
            var batch = mine
            while batch != 0 {
                let count = batch.nonzeroBitCount
                if count <= instance.maximumBatchSize[model], instance.mayPrecede(batch, mine & ~batch) {
                    let seconds = instance.seconds[model][count]
                    for index in ranges[(set & ~batch) * instance.contexts + next] {
                        guard let new = prepended(batch, seconds, load, entries[index], ignoringUplink) else {
                            continue
                        }
                        if needed > 0, exceedsUplink(new) { continue }
                        Self.insert(new, into: &front)
                    }
                }
                batch = (batch - 1) & mine
            }
        }
    }

    /// A way that begins with `batch` and goes on as `entry`; nil where that is late, or takes too much of the uplink.
    private func prepended(
        _ batch: Int,
        _ seconds: Double,
        _ load: ExhaustiveLoads.Load,
        _ entry: Entry,
        _ ignoringUplink: Bool
    ) -> Entry? {
        let start = min(instance.deadline[batch], entry.executor) - seconds
        guard start >= instance.uploadEnd[batch] - ExhaustiveInstance.tolerance else { return nil }
        var new = Entry(executor: start, loader: entry.loader, uplink: entry.uplink)
        if instance.overlap {
            if load.seconds > 0 {
                new.loader = min(new.loader, start) - load.seconds
                if load.waits { new.executor = min(new.executor, new.loader) }
            }
        } else {
            new.executor -= load.seconds
        }
        guard new.executor >= instance.executorFree - ExhaustiveInstance.tolerance else { return nil }
        guard !instance.overlap || new.loader >= instance.loaderFree - ExhaustiveInstance.tolerance else { return nil }
        if !ignoringUplink, instance.work[batch] > 0 {
            if instance.hasTurns {
                new.uplink = max(new.uplink, -instance.uplink * (start - instance.now)) + instance.work[batch]
            } else {
                new.uplink += instance.work[batch] / max(start - instance.now, 0)
            }
            guard new.uplink <= (instance.hasTurns ? 0 : instance.uplink) else { return nil }
        }
        return new
    }

    /// Whether what must come in front of `entry` for a schedule worth the target takes too much of the uplink.
    private func exceedsUplink(_ entry: Entry) -> Bool {
        if instance.hasTurns { return entry.uplink + needed > 0 }
        return entry.uplink + needed / max(entry.executor - instance.now, 0) > instance.uplink
    }

    /// Batches, as models and masks of requests in order, that serve `set`, taking memory for unlimited; empty where none do.
    func batches(serving set: Int, ignoringUplink: Bool = false) -> [(model: Int, batch: Int)] {
        var batches: [(model: Int, batch: Int)] = []
        var (rest, context) = (set, instance.start)
        guard var entry = front(rest, context).first else { return [] }
        while rest != 0 {
            guard let step = origin(of: entry, rest, context, ignoringUplink) else { return [] }
            batches.append((step.model, step.batch))
            rest &= ~step.batch
            context = instance.next(context, model: step.model)
            entry = step.entry
        }
        return batches
    }

    /// The first batch and the rest that an entry was made from.
    private func origin(
        of entry: Entry,
        _ set: Int,
        _ context: Int,
        _ ignoringUplink: Bool
    ) -> (model: Int, batch: Int, entry: Entry)? {
        for model in instance.models.indices {
            let mine = set & instance.members[model]
            let load = instance.load[context][model]
            var batch = mine
            while batch != 0 {
                let seconds = instance.seconds[model][batch.nonzeroBitCount]
                for next in front(set & ~batch, instance.next(context, model: model)) {
                    let made = prepended(batch, seconds, load, next, ignoringUplink)
                    if made == entry, batch.nonzeroBitCount <= instance.maximumBatchSize[model] {
                        return (model, batch, next)
                    }
                }
                batch = (batch - 1) & mine
            }
        }
        return nil
    }

    private static func workNeeded(
        beside set: Int,
        _ target: Double,
        _ byCost: [Int],
        _ instance: ExhaustiveInstance
    ) -> Double {
        var missing = target - instance.weight[set] - ExhaustiveInstance.tolerance
        var work = 0.0
        for request in byCost where missing > 0 && set & 1 << request == 0 {
            let weight = instance.weight[1 << request]
            guard weight > 0 else { continue }
            work += instance.work[1 << request] * min(missing / weight, 1)
            missing -= weight
        }
        return missing > 0 ? .infinity : work
    }

    private static func insert(_ new: Entry, into front: inout [Entry]) {
        var kept = 0
        for index in front.indices {
            let old = front[index]
            if old.executor >= new.executor, old.loader >= new.loader, old.uplink <= new.uplink { return }
            let isWorse = new.executor >= old.executor && new.loader >= old.loader && new.uplink <= old.uplink
            if !isWorse {
                front[kept] = old
                kept += 1
            }
        }
        front.removeSubrange(kept...)
        front.append(new)
    }
}

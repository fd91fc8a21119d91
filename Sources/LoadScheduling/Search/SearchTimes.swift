/// When each batch of a ``SearchPlan`` starts at the earliest and at the latest, as if uploads took no time but their batch's
/// latest start had to leave enough of it: feasible exactly when everything is in time and ``share`` fits on the uplink.
///
/// In the paper's case (``SearchInstance/isChain``) a pass costs some nanoseconds per batch. Elsewhere it is a ``draft``, which
/// evicts the blocks used longest ago, or exact from ``ScheduleTimeline`` at many times the cost.
struct SearchTimes: Sendable {
    var start: [Double] = []
    var finish: [Double] = []
    var latest: [Double] = []
    var load: [Double] = []
    /// When the loads up to each batch have ended; what counts where loads run beside inferences.
    var loaderEnd: [Double] = []
    /// Bytes of each load; kept outside the paper's case only.
    var loadBytes: [Int] = []
    /// Whether every batch ends by its deadline.
    var isInTime = true
    /// What the least shares sum to. Where uploads take turns: the uplink that would just suffice.
    var share = 0.0
    /// Where uploads take turns, the batch that needs ``share``.
    private(set) var critical = 0
    /// Where uploads take turns: for each batch, the work of it and of all before, in hertz seconds.
    private(set) var workUpTo: [Double] = []
    /// Where uploads take turns: for each batch, how much more work in front of it or in it leaves it and all after in time.
    private(set) var spareWork: [Double] = []
    /// When the last batch ends.
    var end = 0.0
    /// For each batch, the model's slot.
    var slots: [Int] = []
    /// For each batch, how many requests it holds.
    var counts: [Int] = []
    /// For each batch, the one whose end its load waits for because memory is full; -1 for none. Drafts only.
    var waits: [Int] = []
    var draft = SearchDraft()
    private var timeline = ScheduleTimeline()
    private var outlines: [BatchOutline] = []

    /// Whether everything ends in time and fits on the uplink.
    func isFeasible(_ instance: SearchInstance) -> Bool {
        isInTime && share <= instance.capacity * (1 + 1e-12)
    }

    /// Computes every time anew, a draft outside the paper's case unless it is to be `exact`.
    /// - Complexity: O(batches) in the paper's case, O(blocks of all batches) for a draft; else that of ``ScheduleTimeline``.
    ///
    /// Where `watch` says that the budget is used up, exact times may end early: the plan is not feasible then.
    mutating func compute(
        _ plan: SearchPlan,
        _ instance: SearchInstance,
        exact: Bool = true,
        watch: BudgetWatch? = nil
    ) {
        clear()
        isInTime = true
        if instance.isChain {
            passForwards(plan, instance)
            passBackwards(plan, instance)
        } else if exact {
            timeline.watch = watch
            askTimeline(plan, instance)
        } else {
            passDraft(plan, instance)
        }
        sumShares(plan, instance)
    }

    /// What the least shares sum to, from the latest starts.
    mutating func sumShares(_ plan: SearchPlan, _ instance: SearchInstance) {
        share = 0
        if instance.hasTurns { return takeTurns(plan, instance) }
        for (index, batch) in plan.batches.enumerated() where batch.work > 0 {
            share += batch.work / max(latest[index] - instance.now, 0)
        }
    }

    private mutating func takeTurns(_ plan: SearchPlan, _ instance: SearchInstance) {
        workUpTo.removeAll(keepingCapacity: true)
        spareWork.removeAll(keepingCapacity: true)
        critical = 0
        var work = 0.0
        for (index, batch) in plan.batches.enumerated() {
            work += batch.work
            workUpTo.append(work)
            let window = max(latest[index] - instance.now, 0)
            spareWork.append(instance.capacity * window - work)
            guard batch.work > 0, work / window > share else { continue }
            (share, critical) = (work / window, index)
        }
        var least = Double.infinity
        for index in plan.batches.indices.reversed() {
            if plan.batches[index].work > 0 { least = min(least, spareWork[index]) }
            spareWork[index] = least
        }
    }

    /// Whether there may be a place for a request of `slot` due at `last` or before; cheap, and right where it says no.
    ///
    /// Changes nothing; `mutating` so that asking does not copy.
    mutating func mayTake(_ slot: Int, dueBy last: Double, _ instance: SearchInstance) -> Bool {
        let model = instance.models[slot]
        let loads = instance.loads
        let shortest = model.seconds(1)
        let withLoad = shortest + (instance.isChain ? loads.least[slot] : 0)
        var free = instance.executorStart
        var isBesideOwn = false
        for position in 0..<slots.count {
            let next = slots[position]
            if next == slot, latest[position] - start[position] >= model.item { return true }
            let hasSharedEdge = isBesideOwn || next == slot
            let due = latest[position] - (instance.isChain && !hasSharedEdge ? loads.least[next] : 0)
            if due - free >= (hasSharedEdge ? shortest : withLoad) { return true }
            free = finish[position]
            if free + model.item > last + 1e-9 { return false }
            isBesideOwn = next == slot
        }
        return free + (isBesideOwn ? shortest : withLoad) <= last + 1e-9
    }

    /// Bytes all loads move.
    func loadedBytes(_ plan: SearchPlan, _ instance: SearchInstance) -> Int {
        guard instance.isChain else { return loadBytes.reduce(0, &+) }
        var sum = 0
        var before = -1
        for batch in plan.batches {
            sum &+= instance.loads.bytes(batch.slot, after: before)
            before = batch.slot
        }
        return sum
    }

    private mutating func clear() {
        start.removeAll(keepingCapacity: true)
        finish.removeAll(keepingCapacity: true)
        latest.removeAll(keepingCapacity: true)
        load.removeAll(keepingCapacity: true)
        loaderEnd.removeAll(keepingCapacity: true)
        loadBytes.removeAll(keepingCapacity: true)
        slots.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
    }

    private mutating func passForwards(_ plan: SearchPlan, _ instance: SearchInstance) {
        var time = instance.executorStart
        var before = -1
        for batch in plan.batches {
            slots.append(batch.slot)
            counts.append(batch.requests.count)
            let seconds = instance.loads.seconds(batch.slot, after: before)
            let begin = max(time + seconds, batch.uploadEnd)
            time = begin + instance.models[batch.slot].seconds(batch.requests.count)
            load.append(seconds)
            start.append(begin)
            finish.append(time)
            if time > batch.deadline + 1e-9 { isInTime = false }
            before = batch.slot
        }
        end = time
    }

    private mutating func passBackwards(_ plan: SearchPlan, _ instance: SearchInstance) {
        latest.append(contentsOf: repeatElement(0, count: plan.batches.count))
        var next = Double.infinity
        for index in plan.batches.indices.reversed() {
            let last = min(max(plan.batches[index].deadline, finish[index]), next)
            latest[index] = last - (finish[index] - start[index])
            next = latest[index] - load[index]
        }
    }

    /// The times exactly as ``ScheduleTimeline`` has them.
    mutating func askTimeline(_ plan: SearchPlan, _ instance: SearchInstance) {
        outlines.removeAll(keepingCapacity: true)
        for batch in plan.batches {
            // Without work for the uplink the timeline gives the earliest starts themselves; the share is summed here.
            slots.append(batch.slot)
            counts.append(batch.requests.count)
            outlines.append(
                BatchOutline(
                    model: instance.models[batch.slot].index,
                    count: batch.requests.count,
                    deadline: batch.deadline,
                    uploadEnd: batch.uploadEnd
                )
            )
        }
        timeline.compute(outlines, on: instance.problem.server, from: instance.problem.state)
        isInTime = timeline.lateRequests == 0 && !timeline.exceedsMemory
        var loader = max(instance.problem.state.loaderFree, instance.now)
        for entry in timeline.entries {
            if entry.loadSeconds > 0 { loader = max(loader, entry.loadEnd) }
            loaderEnd.append(loader)
            load.append(entry.loadSeconds)
            loadBytes.append(entry.loadBytes)
            start.append(entry.start)
            finish.append(entry.finish)
            latest.append(entry.latestStart)
        }
        end = timeline.end
    }
}

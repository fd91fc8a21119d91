/// What is resident while a draft of the times is made: scratch that keeps its memory.
///
/// Positions count from 1; 0 stands for what is resident at the start. A part belongs to the position that used it last.
struct SearchDraft: Sendable {
    /// For each part, the position that used it last; -1 for none.
    private var lastUse: [Int] = []
    /// For each position, the bytes of the parts it used last.
    private var bytes: [Int] = []
    /// The first position whose blocks are still resident (retained reuse).
    private var first = 0
    private var total = 0

    mutating func begin(_ parts: SearchParts) {
        lastUse.removeAll(keepingCapacity: true)
        for isResident in parts.isResident { lastUse.append(isResident ? 0 : -1) }
        bytes.removeAll(keepingCapacity: true)
        first = 0
        total = parts.residentBytes
        bytes.append(total)
    }

    /// Runs the model of `slot` at the next position: seconds and bytes they need to load, and the batch that must have finished for there to
    /// be room, -1 for none.
    mutating func use(
        _ slot: Int,
        _ parts: SearchParts,
        on server: EdgeServer
    ) -> (seconds: Double, bytes: Int, waitsFor: Int) {
        let position = bytes.count
        let isRetained = server.reuse == .retained
        let oldest = isRetained ? first : position - 1
        var missing = (seconds: 0.0, bytes: 0)
        var isMissing = false
        var own = 0
        for place in parts.range(slot) {
            let part = parts.list[place]
            let size = parts.bytes[part]
            let last = lastUse[part]
            if last < oldest {
                missing.seconds += parts.seconds[part]
                missing.bytes &+= size
                isMissing = true
            }
            if last >= first { bytes[last] &-= size } else { total &+= size }
            lastUse[part] = position
            own &+= size
        }
        bytes.append(own)
        guard isMissing else { return (0, 0, -1) }
        let memory = server.memoryBytes
        let waitsFor = isRetained ? evict(memory, position) : lastThatDoesNotFit(memory, position)
        return (missing.seconds, missing.bytes, waitsFor)
    }

    /// Evicts what was used longest ago; the batch that used the last of it must have finished.
    private mutating func evict(_ memory: Int, _ position: Int) -> Int {
        let before = first
        while total > memory, first < position {
            total &-= bytes[first]
            first += 1
        }
        return first > before ? first - 2 : -1
    }

    /// The last batch whose blocks do not fit in memory together with those of all after it.
    private func lastThatDoesNotFit(_ memory: Int, _ position: Int) -> Int {
        var sum = bytes[position]
        for earlier in stride(from: position - 1, to: 0, by: -1) {
            sum &+= bytes[earlier]
            if sum > memory { return earlier - 1 }
        }
        return -1
    }
}

extension SearchTimes {
    /// The times outside the paper's case, exact but for which blocks are evicted and for what the state says is in use.
    mutating func passDraft(_ plan: SearchPlan, _ instance: SearchInstance) {
        draftForwards(plan, instance)
        draftBackwards(plan, overlap: instance.problem.server.overlap)
    }

    private mutating func draftForwards(_ plan: SearchPlan, _ instance: SearchInstance) {
        let server = instance.problem.server
        draft.begin(instance.parts)
        waits.removeAll(keepingCapacity: true)
        var loader = max(instance.problem.state.loaderFree, instance.now)
        var executor = instance.executorStart
        for batch in plan.batches {
            let model = instance.models[batch.slot]
            let needed = draft.use(batch.slot, instance.parts, on: server)
            var begin = max(executor, batch.uploadEnd)
            if needed.seconds > 0 || needed.bytes > 0 || !server.overlap {
                var loadStart = server.overlap ? loader : executor
                if needed.waitsFor >= 0 { loadStart = max(loadStart, finish[needed.waitsFor]) }
                loader = max(loader, loadStart + needed.seconds)
                begin = max(begin, loadStart + needed.seconds)
            } else if instance.isLoading[batch.slot] {
                begin = max(begin, instance.problem.state.loaderFree)
            }
            executor = begin + model.seconds(batch.requests.count)
            slots.append(batch.slot)
            counts.append(batch.requests.count)
            waits.append(needed.waitsFor)
            load.append(needed.seconds)
            loadBytes.append(needed.bytes)
            loaderEnd.append(loader)
            start.append(begin)
            finish.append(executor)
            if executor > batch.deadline + 1e-9 { isInTime = false }
        }
        end = executor
    }

    private mutating func draftBackwards(_ plan: SearchPlan, overlap: Bool) {
        latest.append(contentsOf: repeatElement(.infinity, count: plan.batches.count))
        var next = Double.infinity
        var nextLoad = Double.infinity
        for index in plan.batches.indices.reversed() {
            let deadline = max(plan.batches[index].deadline, finish[index])
            let last = min(min(deadline, next), latest[index])
            latest[index] = last - (finish[index] - start[index])
            nextLoad = min(latest[index], nextLoad) - load[index]
            next = overlap ? latest[index] : nextLoad
            if waits[index] >= 0 { latest[waits[index]] = min(latest[waits[index]], nextLoad) }
        }
    }
}

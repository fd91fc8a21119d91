extension SearchRun {
    var loaderStart: Double { max(instance.problem.state.loaderFree, instance.now) }

    /// For each place, about how many seconds of load a batch of `slot` would need there, and how many it would spare the next.
    /// - Complexity: O(batches); where memory is tight O(batches * 24).
    mutating func estimateLoads(_ slot: Int) {
        estimates.removeAll(keepingCapacity: true)
        saved.removeAll(keepingCapacity: true)
        if instance.problem.server.reuse == .consecutive {
            estimateFromBatchBefore(slot)
        } else {
            estimateFromWindow(slot)
        }
    }

    private mutating func estimateFromBatchBefore(_ slot: Int) {
        for position in 0...plan.batches.count {
            let before = position > 0 ? plan.batches[position - 1].slot : -1
            estimates.append(instance.loads.seconds(slot, after: before))
            saved.append(0)
        }
    }

    /// What stays resident is about what the last batches that fit in memory together brought in.
    private mutating func estimateFromWindow(_ slot: Int) {
        let memory = instance.problem.server.memoryBytes
        var first = 0
        var bytes = 0
        var mask = sharing.residentMask(slot)
        for position in 0...plan.batches.count {
            if position > 0 {
                bytes &+= position == 1 ? instance.models[plan.batches[0].slot].bytes : times.loadBytes[position - 1]
                let old = first
                while first < position - 1, bytes > memory {
                    bytes &-= times.loadBytes[first]
                    first += 1
                }
                if first == old {
                    mask |= sharing.mask(slot, in: plan.batches[position - 1].slot)
                } else {
                    mask = 0
                    for batch in plan.batches[max(first, position - 24)..<position] {
                        mask |= sharing.mask(slot, in: batch.slot)
                    }
                }
            }
            estimates.append(sharing.seconds(slot, without: mask))
            guard position < plan.batches.count else { return saved.append(0) }
            let spared = sharing.mask(slot, in: plan.batches[position].slot) & ~mask
            saved.append(sharing.seconds(slot, of: spared))
        }
    }
}

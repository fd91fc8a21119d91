extension SearchRun {
    /// Takes something out of the plan or changes its order; what is left is feasible. False where that failed.
    mutating func ruin() -> Bool {
        touched.removeAll(keepingCapacity: true)
        guard !plan.batches.isEmpty else { return true }
        switch random.below(100) {
        case ..<28: removeString()
        case ..<46: removeSome()
        case ..<58: thinOut()
        case ..<66: dropCostliest()
        case ..<82: moveString()
        case ..<87: plan.swapBatches(random.below(plan.batches.count), random.below(plan.batches.count))
        case ..<90: merge()
        default: split()
        }
        return settle()
    }

    /// How many batches to take at once: few, more often fewer.
    private mutating func drawnLength(_ most: Int) -> Int {
        1 + random.below(1 + random.below(max(min(most, plan.batches.count), 1)))
    }

    private mutating func remove(at index: Int) {
        touched.append(plan.batches[index].slot)
        plan.remove(at: index, instance.problem)
    }

    /// Batches that follow one another.
    private mutating func removeString() {
        let length = drawnLength(6)
        let first = random.below(plan.batches.count - length + 1)
        for _ in 0..<length { remove(at: first) }
    }

    /// Batches anywhere.
    private mutating func removeSome() {
        for _ in 0..<drawnLength(5) { remove(at: random.below(plan.batches.count)) }
    }

    /// Some requests of some batches: the earliest due, the costliest to upload, or any.
    private mutating func thinOut() {
        for _ in 0..<drawnLength(4) where !plan.batches.isEmpty {
            let index = random.below(plan.batches.count)
            let batch = plan.batches[index]
            touched.append(batch.slot)
            let keeps = random.below(batch.requests.count)
            let kind = random.below(3)
            let requests = instance.problem.requests
            var ranked: [(key: Double, request: Int)] = []
            for request in batch.requests {
                let (deadline, work) = (requests[request].deadline, requests[request].uplinkWork)
                ranked.append((kind == 0 ? deadline : kind == 1 ? -work : random.unit(), request))
            }
            ranked.sort { ($0.key, $1.request) > ($1.key, $0.request) }
            let kept = Set(ranked.prefix(keeps).map(\.request))
            plan.keep(in: index, instance.problem) { kept.contains($0) }
        }
    }

    /// Everywhere the requests that take most of the uplink.
    private mutating func dropCostliest() {
        guard times.share > 0, instance.capacity.isFinite else { return removeSome() }
        dropShare(times.share * 0.15 * random.unit())
    }

    /// Takes out the requests with the largest shares until `excess` hertz are free.
    private mutating func dropShare(_ excess: Double) {
        var ranked: [(share: Double, request: Int, batch: Int)] = []
        for (index, batch) in plan.batches.enumerated() where batch.work > 0 {
            // Where uploads take turns, only those up to the critical one stand in its way.
            if instance.hasTurns, index > times.critical { break }
            let window = max(times.latest[instance.hasTurns ? times.critical : index] - instance.now, 1e-9)
            for request in batch.requests {
                let request = (instance.problem.requests[request], request)
                ranked.append((request.0.uplinkWork / window / max(request.0.weight, 1e-12), request.1, index))
            }
        }
        ranked.sort { ($0.share, $1.request) > ($1.share, $0.request) }
        var freed = 0.0
        var gone = Set<Int>()
        var batches = Set<Int>()
        for entry in ranked {
            guard freed < excess else { break }
            freed += entry.share * max(instance.problem.requests[entry.request].weight, 1e-12)
            gone.insert(entry.request)
            batches.insert(entry.batch)
        }
        for index in batches.sorted(by: >) {
            touched.append(plan.batches[index].slot)
            plan.keep(in: index, instance.problem) { !gone.contains($0) }
        }
    }

    /// A string of batches goes elsewhere.
    private mutating func moveString() {
        let length = drawnLength(4)
        let first = random.below(plan.batches.count - length + 1)
        let places = plan.batches.count - length
        guard places > 0 else { return }
        let place = random.below(places)
        plan.move(first..<first + length, to: place < first ? place : place + length + 1)
    }

    /// Two batches of one model become one.
    private mutating func merge() {
        let first = random.below(plan.batches.count)
        let slot = plan.batches[first].slot
        let others = plan.batches.indices.filter { $0 != first && plan.batches[$0].slot == slot }
        guard !others.isEmpty else { return removeSome() }
        let second = others[random.below(others.count)]
        let room = instance.models[slot].maximumBatchSize - plan.batches[first].requests.count
        let moved = Array(plan.batches[second].requests.prefix(room))
        plan.remove(at: second, instance.problem)
        plan.add(moved, to: second < first ? first - 1 : first, instance.problem)
        touched.append(slot)
    }

    /// The later due requests of a batch become a batch of their own, somewhere later.
    private mutating func split() {
        let index = random.below(plan.batches.count)
        let batch = plan.batches[index]
        guard batch.requests.count > 1 else { return removeSome() }
        let requests = instance.problem.requests
        let sorted = batch.requests.sorted { (requests[$0].deadline, $0) < (requests[$1].deadline, $1) }
        let later = Array(sorted.suffix(1 + random.below(sorted.count - 1)))
        let moved = Set(later)
        plan.keep(in: index, instance.problem) { !moved.contains($0) }
        let place = index + 1 + random.below(plan.batches.count - index)
        plan.insert(later, slot: batch.slot, at: place, instance.problem)
        touched.append(batch.slot)
    }

    /// Computes the times and takes out what is late or does not fit on the uplink; false where nothing feasible came of it.
    mutating func settle() -> Bool {
        compute()
        dropLate()
        let rounds = instance.hasTurns ? 8 + plan.batches.count : 8
        for _ in 0..<rounds where !times.isFeasible(instance) {
            dropShare((times.share - instance.capacity) * (1 + 1e-9))
            compute()
            dropLate()
        }
        return times.isFeasible(instance)
    }

    /// Takes out late requests, those of the first late batch first, as the later ones gain time by it.
    private mutating func dropLate() {
        for round in 0..<2 * plan.batches.count + 1 where !times.isInTime {
            guard !budget.isUsedUp || round < 4 else { return }
            guard let late = plan.batches.indices.first(where: { times.finish[$0] > plan.batches[$0].deadline + 1e-9 })
            else { return }
            let finish = times.finish[late]
            touched.append(plan.batches[late].slot)
            let requests = instance.problem.requests
            plan.keep(in: late, instance.problem) { requests[$0].deadline + 1e-9 >= finish }
            compute()
        }
    }
}

extension SearchRun {
    /// The most models for which a place is sought in one iteration, so that large problems get many iterations too.
    private var triedAtOnce: Int { instance.isChain ? 20 : 20 }

    /// Puts unserved requests back in where they fit: first where they are worth the time and uplink they take, then anywhere.
    mutating func recreate() {
        let order = insertionOrder()
        let prices = drawnPrices()
        // Now and then some requests are left out at first, so that others than the most worthy come in.
        requestSkips = random.below(4) > 0 ? 0 : 0.6 * random.unit()
        if prices.second > 0 || prices.hertz > 0 {
            for slot in order { insert(slot, prices, isWorthwhile: true) }
        }
        for slot in order { insert(slot, SearchPrices(second: prices.second * 0.1), isWorthwhile: false) }
    }

    /// What served requests cost on average now, times something random.
    private mutating func drawnPrices() -> SearchPrices {
        guard plan.weight > 0, random.below(8) > 0 else { return SearchPrices() }
        let seconds = max(times.end - instance.now, instance.horizon / 10)
        let pressure = 1.5 * random.unit()
        let uplink = instance.capacity.isFinite && instance.capacity > 0 ? times.share / instance.capacity : 0
        let hertz = uplink > 0.5 ? plan.weight / instance.capacity * random.unit() : 0
        return SearchPrices(second: plan.weight / seconds * pressure, hertz: hertz)
    }

    /// Models with unserved requests, in an order drawn anew each time; those just touched come along in any case.
    private mutating func insertionOrder() -> [Int] {
        var slots = instance.models.indices.filter { plan.unserved[$0] > 0 }
        if slots.count > triedAtOnce {
            for index in 0..<triedAtOnce { slots.swapAt(index, index + random.below(slots.count - index)) }
            let isTouched = Set(touched)
            slots = slots.prefix(triedAtOnce).filter { !isTouched.contains($0) } + isTouched.sorted()
        }
        let bySize = random.below(3)
        var keyed: [(key: Double, slot: Int)] = []
        keyed.reserveCapacity(slots.count)
        for slot in slots {
            let size = Double(plan.unserved[slot])
            let scale = bySize == 0 ? 1 : bySize == 1 ? size : size / instance.models[slot].seconds(plan.unserved[slot])
            keyed.append((scale * random.unit(), slot))
        }
        keyed.sort { ($0.key, $0.slot) > ($1.key, $1.slot) }
        return keyed.map(\.slot)
    }

    /// Puts as many unserved requests of `slot` in as fit, in one place or two.
    private mutating func insert(_ slot: Int, _ prices: SearchPrices, isWorthwhile: Bool) {
        for _ in 0..<3 {
            guard !budget.isUsedUp, plan.unserved[slot] > 0, let latest = instance.byDeadline[slot].first else {
                return
            }
            let fits = instance.hasTurns || instance.leastShare[slot] <= instance.capacity - times.share + 1e-9
            guard fits else { return }
            budget.spend(times.slots.count)
            guard times.mayTake(slot, dueBy: instance.problem.requests[latest].deadline, instance) else { return }
            if isWorthwhile, requestSkips > 0 {
                pool.fill(slot, plan, instance, skips: requestSkips, &random)
            } else {
                pool.fill(slot, plan, instance)
            }
            guard pool.count > 0, let place = bestInsertion(prices, skips: isWorthwhile ? 0.02 : 0) else { return }
            guard !isWorthwhile || place.score > 0, commit(place) else { return }
        }
    }

    /// Puts the pool's most worthy requests into `place`, fewer where not all can be; false where none can.
    private mutating func commit(_ place: SearchInsertion) -> Bool {
        let chosen = pool.choose(place.count, endingAt: place.finish, instance.problem)
        guard !chosen.isEmpty else { return false }
        if fits(chosen, place) { return true }
        var low = 0
        var high = chosen.count - 1
        while low < high {
            let middle = instance.isChain ? (low + high + 1) / 2 : max((low + high) / 2, low + 1)
            if fits(Array(chosen.prefix(middle)), place) {
                guard instance.isChain, middle < high else { return true }
                takeOut(middle, place)
                low = middle
            } else {
                high = middle - 1
            }
        }
        if low > 0, fits(Array(chosen.prefix(low)), place) { return true }
        compute()
        return false
    }

    /// Puts `chosen` in if the plan stays feasible; else leaves the plan as it was, and ``times`` to be computed anew.
    private mutating func fits(_ chosen: [Int], _ place: SearchInsertion) -> Bool {
        if place.joins {
            plan.add(chosen, to: place.position, instance.problem)
        } else {
            plan.insert(chosen, slot: pool.slot, at: place.position, instance.problem)
        }
        compute()
        if times.isFeasible(instance) { return true }
        takeOut(chosen.count, place)
        return false
    }

    private mutating func takeOut(_ number: Int, _ place: SearchInsertion) {
        plan.dropLast(number, of: place.position, instance.problem)
    }

    /// Computes the times, counting the work.
    mutating func compute() {
        times.compute(plan, instance, exact: isExact, watch: best.batches.isEmpty ? nil : budget)
        budget.spend(plan.batches.count * (instance.isChain ? 2 : isExact ? 200 : 10))
    }
}

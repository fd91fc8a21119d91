extension LagrangianBound {
    /// The least bound found in `iterations` steps of the subgradient method, or fewer where the budget is used up before.
    /// - Complexity: O(iterations * (requests * moments + models * moments^2 + charges)).
    mutating func minimum(iterations: Int, _ watch: inout BudgetWatch) -> Double {
        startPrices()
        var best = Double.infinity
        var bestPrices = (executorPrice, loaderPrice, uplinkPrice, turnPrice, parts)
        var step = 1.0
        var failures = 0
        for _ in 0..<max(iterations, 1) where !watch.isUsedUp {
            let value = evaluate()
            watch.look()
            if value < best - 1e-9 {
                if value < best * (1 - 1e-4) { failures = 0 }
                best = value
                bestPrices = (executorPrice, loaderPrice, uplinkPrice, turnPrice, parts)
            } else {
                failures += 1
            }
            if failures > 4 {
                step /= 2
                failures = 0
                (executorPrice, loaderPrice, uplinkPrice, turnPrice, parts) = bestPrices
                _ = evaluate()
            }
            watch.look()
            movePrices(by: step * 0.05 * best)
            moveParts(by: step * 0.3)
        }
        return best
    }

    /// Prices at which the time until the last moment costs about what can be served in it.
    private mutating func startPrices() {
        let total = models.reduce(0) { $0 + $1.candidates.reduce(0) { $0 + $1.weight } }
        let last = moments.count - 1
        executorPrice[last] = total / 3 / max(executorRoom[last], 1e-9)
        if overlap { loaderPrice[last] = total / 3 / max(loaderRoom[last], 1e-9) }
    }

    /// The bound at the prices at hand; leaves what is used in `use`.
    private mutating func evaluate() -> Double {
        let count = moments.count
        use.executor = Array(repeating: 0, count: count)
        use.loader = use.executor
        use.uplink = 0
        use.turns = use.executor
        turnCost = suffixSums(turnPrice)
        use.usesModel = Array(repeating: false, count: models.count)
        let executor = suffixSums(executorPrice)
        let loader = overlap ? suffixSums(loaderPrice) : executor
        var loads = models.map(\.ownLoad)
        for (charge, parts) in zip(shared, parts) {
            for (member, part) in zip(charge.members, parts) { loads[member] += part }
        }
        var value = uplinkPrice
        for moment in 0..<count {
            value += executorPrice[moment] * executorRoom[moment]
            if overlap { value += loaderPrice[moment] * loaderRoom[moment] }
            if hasTurns { value += turnPrice[moment] * turnRoom[moment] }
        }
        for model in models.indices {
            value += bestBatches(of: model, load: loads[model], executor, loader)
        }
        accumulate()
        return value
    }

    /// What a second used up by each moment costs at all moments from there on.
    private func suffixSums(_ prices: [Double]) -> [Double] {
        var sums = prices
        for moment in (0..<(sums.count - 1)).reversed() { sums[moment] += sums[moment + 1] }
        return sums
    }

    /// Turns what ends by each moment exactly into what ends by it or before.
    private mutating func accumulate() {
        for moment in 1..<max(moments.count, 1) {
            use.executor[moment] += use.executor[moment - 1]
            use.loader[moment] += use.loader[moment - 1]
            use.turns[moment] += use.turns[moment - 1]
        }
    }

    /// The best a model can do at these prices: a batch per chosen moment, each request in the last batch that ends by its
    /// deadline, because a later batch is never dearer.
    private mutating func bestBatches(of index: Int, load: Double, _ executor: [Double], _ loader: [Double]) -> Double {
        let count = moments.count
        let model = models[index]
        // best[b]: the most from a batch at moment b and all after it, without the load; next[b]: the batch after it.
        var best = [Double](repeating: 0, count: count)
        var next = [Int](repeating: count, count: count)
        for moment in (0..<count).reversed() {
            var segment = -model.base * executor[moment]
            var position = model.candidates.firstIndex { $0.moment >= moment } ?? model.candidates.count
            best[moment] = -.infinity
            for end in (moment + 1)...count {
                while position < model.candidates.count, model.candidates[position].moment < end {
                    segment += gain(of: model.candidates[position], model, in: moment, executor[moment])
                    position += 1
                }
                let after = end < count ? max(best[end], 0) : 0
                if end < count, best[end] < 0 { continue }
                if segment + after > best[moment] { (best[moment], next[moment]) = (segment + after, end) }
            }
        }
        var first = -1
        var value = 0.0
        for moment in 0..<count where best[moment] - load * loader[moment] > value {
            (value, first) = (best[moment] - load * loader[moment], moment)
        }
        if first >= 0 { record(index, first, next, load, executor) }
        return value
    }

    /// What a request is worth in a batch that must end by `moment`; not below 0, since it need not be served.
    private func gain(of candidate: Candidate, _ model: Model, in moment: Int, _ price: Double) -> Double {
        let window = window(of: candidate, model, in: moment)
        guard window > 0 else { return 0 }
        let upload = hasTurns ? turnCost[moment] * candidate.work : uplinkPrice * candidate.work / window
        return max(candidate.weight - model.item * price - upload, 0)
    }

    /// Seconds its upload has at most in a batch that must end by `moment`.
    private func window(of candidate: Candidate, _ model: Model, in moment: Int) -> Double {
        min(candidate.window, moments[moment] - model.base - model.item + Self.slack)
    }

    /// Adds what the chosen batches of a model use.
    private mutating func record(_ index: Int, _ first: Int, _ next: [Int], _ load: Double, _ executor: [Double]) {
        let model = models[index]
        use.usesModel[index] = true
        use.loader[first] += load
        if !overlap { use.executor[first] += load }
        var moment = first
        while moment < moments.count {
            use.executor[moment] += model.base
            for candidate in model.candidates where candidate.moment >= moment && candidate.moment < next[moment] {
                guard gain(of: candidate, model, in: moment, executor[moment]) > 0 else { continue }
                use.executor[moment] += model.item
                if hasTurns { use.turns[moment] += candidate.work }
                if hasUplink { use.uplink += candidate.work / window(of: candidate, model, in: moment) }
            }
            moment = next[moment]
        }
    }

    /// A step along the subgradient: what is overbooked gets dearer, what is left over cheaper; `length` in weight.
    private mutating func movePrices(by length: Double) {
        var norm = 0.0
        for moment in moments.indices {
            norm += square(relative(use.executor[moment], executorRoom[moment]))
            if overlap { norm += square(relative(use.loader[moment], loaderRoom[moment])) }
            if hasTurns { norm += square(relative(use.turns[moment], turnRoom[moment])) }
        }
        if hasUplink { norm += square(use.uplink - 1) }
        guard norm > 0 else { return }
        let scale = length / norm
        for moment in moments.indices {
            move(&executorPrice[moment], use.executor[moment], executorRoom[moment], scale)
            if overlap { move(&loaderPrice[moment], use.loader[moment], loaderRoom[moment], scale) }
            if hasTurns { move(&turnPrice[moment], use.turns[moment], turnRoom[moment], scale) }
        }
        if hasUplink { uplinkPrice = max(uplinkPrice + scale * (use.uplink - 1), 0) }
    }

    private func square(_ value: Double) -> Double { value * value }

    /// How much of the room is overbooked; a room without any content stays out of it.
    private func relative(_ used: Double, _ room: Double) -> Double { room > 1e-6 ? (used - room) / room : 0 }

    private func move(_ price: inout Double, _ used: Double, _ room: Double, _ scale: Double) {
        guard room > 1e-6 else { return }
        price = max(price + scale * relative(used, room) / room, 0)
    }

    /// Moves each shared charge from members that are not used to those that are.
    private mutating func moveParts(by step: Double) {
        for index in shared.indices {
            let members = shared[index].members
            let used = members.reduce(0) { $0 + (use.usesModel[$1] ? 1 : 0) }
            guard used > 0, used < members.count else { continue }
            let shift = step * shared[index].seconds / Double(members.count)
            let mean = Double(used) / Double(members.count)
            var total = 0.0
            for (position, member) in members.enumerated() {
                let excess = (use.usesModel[member] ? 1 : 0) - mean
                parts[index][position] = max(parts[index][position] + shift * excess, 0)
                total += parts[index][position]
            }
            guard total > 0 else { continue }
            for position in members.indices { parts[index][position] *= shared[index].seconds / total }
        }
    }
}

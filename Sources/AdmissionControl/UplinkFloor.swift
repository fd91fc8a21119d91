import LoadScheduling

/// What the least constant shares of all uploads sum to at least with one request more: as if loads took no time.
///
/// Without loads, A_n = min(D_n, A_{n+1}) - tau_n is no earlier than the true latest start, and a newcomer changes it only for
/// the batches before it, up to the first that has time to spare. So what does not fit here fits nowhere.
/// - Complexity: O(batches) to prepare; to ask, O(batches before the place that it hurries).
struct UplinkFloor: Sendable {
    /// For each planned batch, its latest start if loads took no time.
    private var starts: [Double] = []
    /// The least shares with these.
    private var total = 0.0

    /// Rounding that does not make a batch late, in seconds.
    private static let rounding = 1e-9

    /// Takes the plan in as it is; nobody in it is late.
    mutating func prepare(_ plan: [BatchOutline], _ server: EdgeServer, _ state: ServerState) {
        starts.removeAll(keepingCapacity: true)
        starts.append(contentsOf: repeatElement(0, count: plan.count))
        total = 0
        var next = Double.infinity
        for index in plan.indices.reversed() {
            next = start(plan[index].deadline, next, server.models[plan[index].model].seconds(batch: plan[index].count))
            starts[index] = next
            total += share(plan[index].uplinkWork, next, plan[index].leastWindow, state)
        }
    }

    /// Hertz all uploads need at least with the request of `question` at `placement`; infinite where it surely comes too late.
    func leastShares(
        with question: AdmissionQuestion,
        at placement: Placement,
        in plan: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Double {
        let index = placement.index
        var sum = total
        var next: Double
        switch placement {
        case .join:
            var batch = plan[index]
            let seconds = server.models[batch.model].seconds(batch: batch.count + 1)
            let after = index + 1 < plan.count ? starts[index + 1] : .infinity
            next = start(min(batch.deadline, question.deadline), after, seconds)
            sum -= share(batch.uplinkWork, starts[index], batch.leastWindow, state)
            batch.addUpload(question.uplinkWork, leastWindow: question.leastWindow)
            sum += share(batch.uplinkWork, next, batch.leastWindow, state)
        case .insert:
            let seconds = server.models[question.model].seconds(batch: 1)
            next = start(question.deadline, index < plan.count ? starts[index] : .infinity, seconds)
            sum += share(question.uplinkWork, next, question.leastWindow, state)
        }
        for earlier in stride(from: index - 1, through: 0, by: -1) {
            let batch = plan[earlier]
            next = start(batch.deadline, next, server.models[batch.model].seconds(batch: batch.count))
            guard next < starts[earlier] else { break }
            sum += share(batch.uplinkWork, next, batch.leastWindow, state)
            sum -= share(batch.uplinkWork, starts[earlier], batch.leastWindow, state)
        }
        return sum.isNaN ? .infinity : sum
    }

    private func start(_ deadline: Double, _ next: Double, _ seconds: Double) -> Double {
        min(deadline + Self.rounding, next) - seconds
    }

    private func share(_ work: Double, _ start: Double, _ leastWindow: Double, _ state: ServerState) -> Double {
        guard work > 0 else { return 0 }
        let window = max(start - state.now, leastWindow)
        return window > 0 ? work / window : .infinity
    }
}

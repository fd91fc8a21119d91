/// The requests of a problem that can be served alone, by model.
struct SearchRequests {
    /// For each request, what stands in its way even alone.
    private(set) var obstacles: [LoadSchedule.UnservedReason?] = []
    /// For each model of the problem, its slot; -1 for none.
    private(set) var slots: [Int]
    /// For each slot, its model.
    private(set) var models: [Int] = []
    /// For each slot, its requests, the latest deadline first.
    private(set) var byDeadline: [[Int]] = []
    /// For each slot, the same, the most worth first: more weight, then less need of the uplink.
    private(set) var byWorth: [[Int]] = []
    /// What all of them are worth.
    private(set) var weight = 0.0
    private(set) var count = 0

    /// - Complexity: O(requests * log requests + blocks of the models).
    init(_ problem: SchedulingProblem, _ budget: inout BudgetWatch) {
        slots = Array(repeating: -1, count: problem.server.models.count)
        let pinned = problem.state.pinned
        let hasPins = !pinned.isEmpty
        var fits: [Int: Bool] = [:]
        var alone = AloneObstacles(problem)
        obstacles.reserveCapacity(problem.requests.count)
        for (index, request) in problem.requests.enumerated() {
            budget.spend(10)
            var obstacle = alone.obstacle(to: index)
            if obstacle == nil, hasPins, !Self.fits(request.model, problem, &fits) { obstacle = .memory }
            obstacles.append(obstacle)
            if obstacle == nil { add(index, request) }
        }
        sort(problem.requests, &budget)
    }

    private static func fits(_ model: Int, _ problem: SchedulingProblem, _ known: inout [Int: Bool]) -> Bool {
        if let answer = known[model] { return answer }
        var together = problem.state.pinned
        together.formUnion(problem.server.models[model].blockSet)
        let fits = problem.server.bytes(of: together) <= problem.server.memoryBytes
        known[model] = fits
        return fits
    }

    private mutating func add(_ index: Int, _ request: SchedulingProblem.Request) {
        if slots[request.model] < 0 {
            slots[request.model] = models.count
            models.append(request.model)
            byDeadline.append([])
        }
        byDeadline[slots[request.model]].append(index)
        weight += request.weight
        count += 1
    }

    /// A request with what it is sorted by.
    private struct Key {
        var deadline: Double
        var weight: Double
        var work: Double
        var index: Int

        func isDueLater(than other: Key) -> Bool {
            deadline != other.deadline ? deadline > other.deadline : index < other.index
        }

        func isWorthMore(than other: Key) -> Bool {
            if weight != other.weight { return weight > other.weight }
            return work != other.work ? work < other.work : isDueLater(than: other)
        }
    }

    private mutating func sort(_ requests: [SchedulingProblem.Request], _ budget: inout BudgetWatch) {
        byWorth.reserveCapacity(byDeadline.count)
        for slot in byDeadline.indices {
            var keys = byDeadline[slot].map { index in
                let request = requests[index]
                return Key(deadline: request.deadline, weight: request.weight, work: request.uplinkWork, index: index)
            }
            budget.spend(20 * keys.count)
            keys.sort { $0.isDueLater(than: $1) }
            byDeadline[slot] = keys.map(\.index)
            budget.spend(20 * keys.count)
            keys.sort { $0.isWorthMore(than: $1) }
            byWorth.append(keys.map(\.index))
        }
    }
}

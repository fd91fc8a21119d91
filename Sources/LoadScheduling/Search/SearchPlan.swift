/// An ordered list of batches while the search changes it, each with its outline kept up to date.
struct SearchPlan: Sendable {
    struct Batch: Sendable {
        var slot: Int
        var requests: [Int]
        var deadline = Double.infinity
        var uploadEnd = -Double.infinity
        var work = 0.0

        init(slot: Int, requests: [Int], _ problem: SchedulingProblem) {
            self.slot = slot
            self.requests = requests
            refresh(problem)
        }

        /// Brings the outline up to date with the requests.
        mutating func refresh(_ problem: SchedulingProblem) {
            deadline = .infinity
            uploadEnd = -.infinity
            work = 0
            for index in requests {
                deadline = min(deadline, problem.requests[index].deadline)
                uploadEnd = max(uploadEnd, problem.requests[index].uploadEnd)
                work += problem.requests[index].uplinkWork
            }
        }
    }

    private(set) var batches: [Batch] = []
    /// For each request, whether a batch holds it.
    private(set) var isServed: [Bool]
    /// For each slot, how many requests no batch holds.
    private(set) var unserved: [Int]
    /// The weight of all requests served.
    private(set) var weight = 0.0

    init(_ instance: SearchInstance) {
        isServed = Array(repeating: false, count: instance.problem.requests.count)
        unserved = instance.byDeadline.map(\.count)
    }

    /// The batches of `schedule`, without what cannot be served.
    init(_ schedule: LoadSchedule, _ instance: SearchInstance) {
        self.init(instance)
        for batch in schedule.batches {
            let slot = instance.slots[batch.model]
            let requests = batch.requests.filter { instance.obstacles[$0] == nil && !isServed[$0] }
            guard slot >= 0, !requests.isEmpty else { continue }
            insert(requests, slot: slot, at: batches.count, instance.problem)
        }
    }

    mutating func insert(_ requests: [Int], slot: Int, at position: Int, _ problem: SchedulingProblem) {
        batches.insert(Batch(slot: slot, requests: requests, problem), at: position)
        count(requests, slot, problem, served: true)
    }

    /// Adds `requests` to batch `index`.
    mutating func add(_ requests: [Int], to index: Int, _ problem: SchedulingProblem) {
        batches[index].requests.append(contentsOf: requests)
        batches[index].refresh(problem)
        count(requests, batches[index].slot, problem, served: true)
    }

    /// Takes the last `number` requests out of batch `index`; an empty batch goes.
    mutating func dropLast(_ number: Int, of index: Int, _ problem: SchedulingProblem) {
        let gone = Array(batches[index].requests.suffix(number))
        batches[index].requests.removeLast(gone.count)
        count(gone, batches[index].slot, problem, served: false)
        if batches[index].requests.isEmpty { batches.remove(at: index) } else { batches[index].refresh(problem) }
    }

    mutating func remove(at index: Int, _ problem: SchedulingProblem) {
        let batch = batches.remove(at: index)
        count(batch.requests, batch.slot, problem, served: false)
    }

    /// Keeps only the requests of batch `index` that `isKept` accepts; an empty batch goes. Says whether any request went.
    @discardableResult
    mutating func keep(in index: Int, _ problem: SchedulingProblem, where isKept: (Int) -> Bool) -> Bool {
        let gone = batches[index].requests.filter { !isKept($0) }
        guard !gone.isEmpty else { return false }
        batches[index].requests.removeAll { !isKept($0) }
        count(gone, batches[index].slot, problem, served: false)
        if batches[index].requests.isEmpty { batches.remove(at: index) } else { batches[index].refresh(problem) }
        return true
    }

    /// Moves batches `range` so that they come before what was batch `target`, which is not inside the range.
    mutating func move(_ range: Range<Int>, to target: Int) {
        let segment = batches[range]
        if target <= range.lowerBound {
            batches.replaceSubrange(target..<range.upperBound, with: segment + batches[target..<range.lowerBound])
        } else {
            batches.replaceSubrange(range.lowerBound..<target, with: batches[range.upperBound..<target] + segment)
        }
    }

    mutating func swapBatches(_ first: Int, _ second: Int) { batches.swapAt(first, second) }

    /// The batches as ``ScheduleBuilder`` wants them.
    func parts(_ instance: SearchInstance) -> [ScheduleBuilder.Batch] {
        batches.map { ScheduleBuilder.Batch(model: instance.models[$0.slot].index, requests: $0.requests) }
    }

    private mutating func count(_ requests: [Int], _ slot: Int, _ problem: SchedulingProblem, served: Bool) {
        for index in requests {
            isServed[index] = served
            weight += served ? problem.requests[index].weight : -problem.requests[index].weight
        }
        unserved[slot] += served ? -requests.count : requests.count
    }
}

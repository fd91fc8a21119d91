import ServingCore

/// Checks a schedule against its problem from the rules of `problem.md`, without the code that makes schedules.
public enum ScheduleValidator {
    /// What is wrong with `schedule`, in words; empty where it is feasible.
    /// - Complexity: O(batches^2 + blocks of all batches + requests).
    public static func violations(of schedule: LoadSchedule, in problem: SchedulingProblem) -> [String] {
        var check = ScheduleCheck(problem: problem, schedule: schedule)
        check.run()
        return check.violations
    }
}

/// One validation under way.
private struct ScheduleCheck {
    let problem: SchedulingProblem
    let schedule: LoadSchedule
    var violations: [String] = []
    private var served: [Int: Int] = [:]
    private var resident = BlockSet()
    private static let tolerance = 1e-6

    init(problem: SchedulingProblem, schedule: LoadSchedule) {
        self.problem = problem
        self.schedule = schedule
        resident = problem.state.resident
    }

    private var server: EdgeServer { problem.server }

    mutating func run() {
        var loader = max(problem.state.loaderFree, problem.state.now)
        var executor = max(problem.state.executorFree, problem.state.now)
        for (index, batch) in schedule.batches.enumerated() {
            guard server.models.indices.contains(batch.model), !batch.requests.isEmpty else {
                violations.append("batch \(index) is empty or of an unknown model")
                continue
            }
            let loadEnd = checkLoad(index, batch, loader, executor)
            checkTimes(index, batch, loadEnd, executor)
            checkRequests(index, batch)
            if !batch.loadedBlocks.isEmpty { loader = loadEnd }
            executor = batch.finish
        }
        checkUplink()
        checkUnserved()
    }

    private mutating func expect(_ holds: Bool, _ message: @autoclosure () -> String) {
        if !holds { violations.append(message()) }
    }

    /// Residency and memory; returns when the load ends.
    private mutating func checkLoad(
        _ index: Int,
        _ batch: LoadSchedule.Batch,
        _ loader: Double,
        _ executor: Double
    ) -> Double {
        let blocks = server.models[batch.model].blocks
        if server.reuse == .consecutive, index > 0 {
            resident = server.models[schedule.batches[index - 1].model].blockSet
        }
        for block in batch.evictedBlocks {
            expect(resident.remove(block), "batch \(index) evicts block \(block), which is not resident")
        }
        let missing = blocks.filter { !resident.contains($0) }
        expect(Set(missing) == Set(batch.loadedBlocks), "batch \(index) does not load exactly what is missing")
        let seconds = missing.reduce(0) { $0 + server.blocks[$1].loadSeconds }
        guard !missing.isEmpty else { return batch.loadStart }
        let earliest = server.overlap ? loader : executor
        expect(batch.loadStart >= earliest - Self.tolerance, "the load of batch \(index) starts too early")
        checkMemory(index, batch)
        for block in blocks { resident.insert(block) }
        let isCapped = server.reuse == .consecutive || server.bytes(of: resident) <= server.memoryBytes
        expect(isCapped, "batch \(index) leaves more resident than there is memory")
        return batch.loadStart + seconds
    }

    /// The blocks of every batch that has not finished when this load starts fit beside its own, and none is evicted.
    private mutating func checkMemory(_ index: Int, _ batch: LoadSchedule.Batch) {
        var used = problem.state.pinned
        used.formUnion(server.models[batch.model].blockSet)
        if problem.state.executorFree > batch.loadStart + Self.tolerance { used.formUnion(problem.state.executing) }
        for earlier in schedule.batches[..<index] where earlier.finish > batch.loadStart + Self.tolerance {
            used.formUnion(server.models[earlier.model].blockSet)
        }
        expect(server.bytes(of: used) <= server.memoryBytes, "the load of batch \(index) does not fit in memory")
        let evictsUsed = batch.evictedBlocks.contains { used.contains($0) }
        expect(!evictsUsed, "the load of batch \(index) evicts a block in use")
    }

    private mutating func checkTimes(_ index: Int, _ batch: LoadSchedule.Batch, _ loadEnd: Double, _ executor: Double) {
        let tolerance = Self.tolerance
        expect(batch.inferStart >= loadEnd - tolerance, "batch \(index) starts before its load ends")
        expect(batch.inferStart >= executor - tolerance, "batch \(index) starts before the one before it ends")
        let seconds = server.models[batch.model].seconds(batch: batch.requests.count)
        expect(
            abs(batch.finish - batch.inferStart - seconds) <= tolerance,
            "batch \(index) takes another time than its model"
        )
        let isSmall = batch.requests.count <= server.models[batch.model].maximumBatchSize
        expect(isSmall, "batch \(index) holds more than its model's maximum")
    }

    private mutating func checkRequests(_ index: Int, _ batch: LoadSchedule.Batch) {
        for number in batch.requests {
            guard problem.requests.indices.contains(number) else {
                violations.append("batch \(index) holds the unknown request \(number)")
                continue
            }
            let request = problem.requests[number]
            expect(served.updateValue(index, forKey: number) == nil, "request \(number) is served twice")
            expect(request.model == batch.model, "request \(number) is in another model's batch")
            expect(batch.finish <= request.deadline + Self.tolerance, "request \(number) ends late")
            expect(
                request.uploadEnd <= batch.inferStart + Self.tolerance,
                "request \(number) starts before its upload ends"
            )
            guard request.uplinkWork > 0 else { continue }
            let end = uploadEnd(number, request)
            expect(end <= batch.inferStart + Self.tolerance, "request \(number) is not uploaded when it starts")
        }
    }

    private func share(of number: Int) -> Double {
        schedule.shares.indices.contains(number) ? schedule.shares[number]?.rawValue ?? 0 : 0
    }

    /// When the upload of a request ends with the share it has, all the time or during its turn.
    private func uploadEnd(_ number: Int, _ request: SchedulingProblem.Request) -> Double {
        let share = share(of: number)
        guard share > 0 else { return .infinity }
        guard server.shares == .varying, !schedule.turns.isEmpty else {
            return problem.state.now + request.uplinkWork / share
        }
        guard schedule.turns.indices.contains(number), let turn = schedule.turns[number] else { return .infinity }
        let end = turn.start + request.uplinkWork / share
        let isWithin = turn.start >= problem.state.now - Self.tolerance && end <= turn.end + Self.tolerance
        return isWithin ? turn.end : .infinity
    }

    /// At every start of a turn the shares of all turns that run then fit on the uplink.
    private mutating func checkTurns() {
        let turns = schedule.turns.enumerated().compactMap { number, turn in
            turn.map { (start: $0.start, end: $0.end, share: share(of: number)) }
        }.sorted { $0.start < $1.start }
        var running: [(start: Double, end: Double, share: Double)] = []
        for turn in turns {
            running.removeAll { $0.end <= turn.start + Self.tolerance }
            running.append(turn)
            let total = running.reduce(0) { $0 + $1.share }
            expect(total <= server.uplink.rawValue * (1 + 1e-6), "shares at \(turn.start) s are over the uplink")
        }
    }

    private mutating func checkUplink() {
        if server.shares == .varying, !schedule.turns.isEmpty { return checkTurns() }
        let total = schedule.shares.reduce(0) { $0 + ($1?.rawValue ?? 0) }
        expect(total <= server.uplink.rawValue * (1 + 1e-6), "the shares are over the uplink")
    }

    private mutating func checkUnserved() {
        for number in problem.requests.indices where served[number] == nil {
            expect(schedule.unserved[number] != nil, "request \(number) is neither served nor named as not served")
        }
        for number in schedule.unserved.keys where served[number] != nil {
            violations.append("request \(number) is served and named as not served")
        }
    }
}

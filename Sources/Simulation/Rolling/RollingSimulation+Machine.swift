import Dispatching
import LoadScheduling
import ServingCore

/// What loads, batches and plans take.
extension RollingSimulation {
    /// What work of `seconds` on average takes this time: alone, and while the other goes on.
    private mutating func vary(
        _ seconds: Double,
        _ kind: KeyPath<WorkVariation, WorkVariation.Ratios>
    ) -> (alone: Double, beside: Double) {
        if let variation = settings.variation {
            let ratios = variation[keyPath: kind].at(.random(in: 0..<1, using: &random))
            return (seconds * ratios.alone, seconds * ratios.beside)
        }
        let jitter = settings.jitter > 0 ? Double.random(in: -settings.jitter...settings.jitter, using: &random) : 0
        let alone = seconds * (1 + jitter)
        return (alone, alone * (1 + settings.contention))
    }

    mutating func run(_ order: BatchOrder) {
        running[order.lane] = order
        for id in order.requests { outcome.waitingSeconds += now - arrival(of: id).time }
        let compute = server.computes[arrival(of: order.requests[0]).model]
        let seconds =
            compute.baseSeconds * Double(runSizes(order).count) + compute.itemSeconds * Double(order.requests.count)
        outcome.batches += 1
        let time = vary(seconds, \.batches)
        work.begin(.lane(order.lane), seconds: time.alone, besideSeconds: time.beside, at: now)
        expectWork()
    }

    /// How many requests each tensor run of a batch holds.
    private func runSizes(_ order: BatchOrder) -> [Int] {
        let isBatchable = server.catalog.models[arrival(of: order.requests[0]).model].isBatchable
        return isBatchable ? [order.requests.count] : Array(repeating: 1, count: order.requests.count)
    }

    mutating func load(_ order: LoadOrder) {
        let times = order.load.map { vary(server.loadSeconds[$0.id] ?? 0, \.loads) }
        loading = (order, times.map(\.alone))
        let (blocks, besideBlocks) = times.reduce((0, 0)) { ($0.0 + $1.alone, $0.1 + $1.beside) }
        // What goes out of memory first is held up as the blocks are.
        let slowdown = blocks > 0 ? besideBlocks / blocks : 1
        let (alone, beside) = (blocks + settings.orderSeconds, besideBlocks + settings.orderSeconds * slowdown)
        work.begin(.loader, seconds: alone, besideSeconds: beside, at: now)
        expectWork()
    }

    /// A request takes its part of the processors.
    mutating func interruptWork() {
        guard settings.requestSeconds > 0, work.next != nil else { return }
        work.interrupt(for: settings.requestSeconds, at: now)
        expectWork()
    }

    private mutating func expectWork() {
        workNumber += 1
        guard let next = work.next else { return }
        schedule(.work(workNumber), at: max(next.time, now))
    }

    /// Loader or executor may be done: says so, unless something has begun or ended since.
    mutating func endWork(_ number: Int) -> DispatchEvent? {
        guard number == workNumber, let next = work.next else { return nil }
        let seconds = work.end(next.worker, at: now)
        defer { expectWork() }
        switch next.worker {
        case .loader: return endLoad(after: seconds)
        case .lane(let lane): return endBatch(on: lane, after: seconds)
        }
    }

    private mutating func endBatch(on lane: Int, after seconds: Double) -> DispatchEvent? {
        guard let order = running.removeValue(forKey: lane) else { return nil }
        outcome.executorSeconds += seconds
        for id in order.requests {
            if now + settings.overhead / 2 <= arrival(of: id).deadline {
                outcome.inTime += 1
            } else {
                outcome.late += 1
            }
        }
        lastEnd = now
        let result = BatchResult(order: order.id, duration: Self.duration(seconds), groupSizes: runSizes(order))
        return .batchFinished(result)
    }

    private mutating func endLoad(after seconds: Double) -> DispatchEvent? {
        guard let (order, parts) = loading else { return nil }
        loading = nil
        outcome.loaderSeconds += seconds
        let sum = parts.reduce(settings.orderSeconds, +)
        let slowed = sum > 0 ? seconds / sum : 1
        var blocks: [BlockID: LoadResult.Outcome] = [:]
        for (block, part) in zip(order.load, parts) {
            blocks[block.id] = .loaded(Self.duration(part * slowed), size: block.size)
        }
        return .loadFinished(LoadResult(order: order.id, blocks: blocks))
    }

    mutating func plan(_ task: PlanningTask) {
        guard let planner = settings.planner else { return }
        outcome.plans += 1
        let limits = SchedulingLimits(maximumIterations: planner.iterations)
        let result = planner.scheduler.solve(task.problem, limits: limits)
        schedule(.dispatch(.planned(PlanningResult(task: task, schedule: result.schedule))), at: now + planner.seconds)
    }
}

/// Where a pass over a list of batches stands.
struct TimelinePass {
    /// The batch at hand.
    var index = 0
    /// When the loader is free for it.
    var loader: Double
    /// When each lane is free for it.
    var lanes: LaneTimes
    /// When what runs at the moment of planning and all batches before it have ended: until then none of them counts as having left
    /// memory, whichever lane is done first.
    var allFinished = -Double.infinity
    /// How many requests of the batches before it end too late.
    var lateRequests = 0
    /// The batch before which the budget is looked at next; `.max` for none.
    var nextLook: Int

    /// The factor on what a batch takes that starts on `lane` at `time`: other lanes may be busy then.
    func slowdown(startingAt time: Double, on lane: Int, _ server: EdgeServer) -> Double {
        lanes.count > 1 ? server.slowdown(busyPart: lanes.busyPart(at: time, beside: lane)) : 1
    }

    /// Notes what came of the batch at hand, and goes on to the next; gives when all until now have ended.
    mutating func advance(past batch: BatchOutline, on lane: Int, finish: Double) -> Double {
        lanes[lane] = finish
        allFinished = max(allFinished, finish)
        if finish > batch.deadline + 1e-9 { lateRequests += batch.count }
        index += 1
        return allFinished
    }
}

extension ScheduleTimeline {
    /// When a plan need not be looked at to its end: as soon as more than so many requests are late.
    public struct LatenessLimit: Hashable, Sendable {
        /// How many may be late.
        var requests: Int
        /// The times of the batches up to this one are needed anyway.
        var index: Int

        /// Makes a limit: `requests` may be late, and the times up to the batch at `index` are to be known.
        public init(requests: Int, index: Int) {
            self.requests = requests
            self.index = index
        }
    }

    /// Whether a pass need not go on. Looks at the budget where that is due.
    mutating func isOver(_ pass: inout TimelinePass) -> Bool {
        if let limit, pass.lateRequests > limit.requests, pass.index > limit.index {
            hasStopped = true
            return true
        }
        guard pass.index >= pass.nextLook else { return false }
        pass.nextLook += 64
        watch?.look()
        return isCutShort && watch?.isUsedUp ?? false
    }

    /// Walks on as long as loads are what they were, ``repeatLoad(_:_:_:_:_:_:)`` for many batches at once.
    mutating func repeatLoads(
        _ pass: inout TimelinePass,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) {
        var first = unfinished
        let (allSteps, allReleases) = (record.steps, releases)
        let (steps, outlines, models) = (allSteps.span, batches.span, server.models.span)
        let releases = allReleases.span
        // Taken out for as long, so that nothing is checked for each batch.
        var taken: [Entry] = []
        swap(&taken, &entries)
        defer { swap(&taken, &entries) }
        var entries = taken.mutableSpan
        let end = min(outlines.count, pass.nextLook)
        let (mostLate, needed) = (limit?.requests ?? .max, limit?.index ?? .max)
        while pass.index < end, pass.lateRequests <= mostLate || pass.index <= needed {
            let index = pass.index
            guard index != firstChange, steps[index].canRepeat else { break }
            var start = server.overlap ? pass.loader : pass.lanes.earliest
            if steps[index].waitsFor >= 0 {
                start = max(start, entries[steps[index].waitsFor].allFinished)
            } else if steps[index].waitsForRunning {
                start = max(start, state.lanes.latest)
            }
            if steps[index].protectedFrom != LoadStep.nobody {
                if first < 0, state.lanes.latest <= start { first = 0 }
                while first >= 0, first < index, entries[first].finish <= start { first += 1 }
                guard steps[index].holds(protectingFrom: first) else { break }
            }
            noteLanes(pass)
            if steps[index].exceedsMemory { exceedsMemory = true }
            let (loadSeconds, loadBytes) = (steps[index].seconds, steps[index].bytes)
            let model = outlines[index].model
            var loadEnd = start + loadSeconds
            if loadSeconds > 0 || loadBytes > 0 || !server.overlap {
                pass.loader = max(pass.loader, loadEnd)
            } else {
                let isComing = isLoading && models[model].blockSet.intersects(state.loading)
                start = isComing ? max(state.loaderFree, state.now) : state.now
                loadEnd = start
            }
            var begin = max(loadEnd, outlines[index].uploadEnd)
            if !releases.isEmpty { begin = max(begin, releases[index]) }
            let lane = pass.lanes.lane(readyAt: begin)
            begin = max(begin, pass.lanes[lane])
            let seconds = models[model].seconds(batch: outlines[index].count)
            let finish = begin + seconds * pass.slowdown(startingAt: begin, on: lane, server)
            entries[index].loadStart = start
            entries[index].loadEnd = loadEnd
            entries[index].loadSeconds = loadSeconds
            entries[index].loadBytes = loadBytes
            entries[index].start = begin
            entries[index].finish = finish
            entries[index].lane = lane
            entries[index].allFinished = pass.advance(past: outlines[index], on: lane, finish: finish)
        }
        unfinished = first
    }
}

extension LoadStep {
    /// Whether all is known that does not depend on times.
    fileprivate var canRepeat: Bool { isKnown && (!isTight || isWaitKnown) }
}

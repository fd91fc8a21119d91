import ServingCore

/// Turns an ordered list of batches into a ``LoadSchedule`` with times, shares and blocks.
public enum ScheduleBuilder {
    /// One batch before it has times.
    public struct Batch: Hashable, Sendable {
        /// Which model runs.
        public var model: Int
        /// The requests it holds, by index.
        public var requests: [Int]

        /// Makes a batch.
        public init(model: Int, requests: [Int]) {
            self.model = model
            self.requests = requests
        }
    }

    /// The schedule of `batches` in this order; nil where it is not feasible.
    /// - Complexity: that of ``ScheduleTimeline``, and O(requests).
    public static func schedule(
        _ batches: [Batch],
        unserved: [Int: LoadSchedule.UnservedReason] = [:],
        of problem: SchedulingProblem
    ) -> LoadSchedule? {
        let outlines = batches.map { problem.outline(of: $0.requests, model: $0.model) }
        var timeline = ScheduleTimeline(recordsBlocks: true)
        timeline.compute(outlines, on: problem.server, from: problem.state)
        guard timeline.isFeasible else { return nil }
        var shares = [Hertz?](repeating: nil, count: problem.requests.count)
        var built: [LoadSchedule.Batch] = []
        for (index, batch) in batches.enumerated() {
            let entry = timeline.entries[index]
            let window = entry.latestStart - problem.state.now
            for request in batch.requests {
                let work = problem.requests[request].uplinkWork
                shares[request] = Hertz(work > 0 ? work / window * timeline.uplinkScale : 0)
            }
            built.append(
                LoadSchedule.Batch(
                    model: batch.model,
                    requests: batch.requests,
                    loadStart: entry.loadStart,
                    inferStart: entry.start,
                    finish: entry.finish,
                    loadedBlocks: timeline.loadedBlocks[index],
                    evictedBlocks: timeline.evictedBlocks[index]
                )
            )
        }
        return LoadSchedule(batches: built, shares: shares, unserved: unserved)
    }
}

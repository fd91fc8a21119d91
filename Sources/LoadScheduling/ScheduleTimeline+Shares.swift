import ServingCore

extension SchedulingProblem {
    /// Whether uploads take turns on the whole uplink, and the order of batches says when each ends.
    var hasVaryingShares: Bool { server.shares == .varying && server.uplink.rawValue.isFinite }

    /// `batches` as the timeline is to see them.
    ///
    /// Where shares vary, the uploads of a batch end when the uplink has done the work of it and of all batches before: by earliest latest
    /// start first, which is the order of batches, nothing can end earlier. With constant shares, `batches` as they are.
    /// - Complexity: O(batches).
    func paced(_ batches: [BatchOutline]) -> [BatchOutline] {
        guard hasVaryingShares else { return batches }
        var work = 0.0
        return batches.map { batch in
            guard batch.uplinkWork > 0 else { return batch }
            work += batch.uplinkWork
            var paced = batch
            paced.uploadEnd = max(batch.uploadEnd, state.now + work / server.uplink.rawValue)
            paced.uplinkWork = 0
            return paced
        }
    }
}

extension ScheduleTimeline {
    /// Computes every time anew for `batches` of `problem`, by its rule for shares.
    mutating func compute(_ batches: [BatchOutline], of problem: SchedulingProblem) {
        compute(problem.paced(batches), on: problem.server, from: problem.state)
    }

    /// As ``compute(_:of:)``, where `other` was computed for all of `batches` but the last.
    mutating func compute(
        _ batches: [BatchOutline],
        appendedTo other: ScheduleTimeline,
        of problem: SchedulingProblem
    ) {
        let last = batches.count - 1
        compute(problem.paced(batches), after: other, inserting: last, on: problem.server, from: problem.state)
    }

    /// Whether `batches`, just computed and not feasible, would be in time on an endless uplink; may compute anew to find out.
    mutating func lacksOnlyUplink(_ batches: [BatchOutline], of problem: SchedulingProblem) -> Bool {
        guard problem.hasVaryingShares else { return !uplinkSuffices }
        let uploaded = batches.map { batch in
            var batch = batch
            batch.uplinkWork = 0
            return batch
        }
        compute(uploaded, on: problem.server, from: problem.state)
        return isFeasible
    }
}

/// What is known from the last time and may be taken over.
extension ScheduleTimeline {
    /// What of the server, beside its blocks and models, the loads followed from.
    struct Rules: Equatable, Sendable {
        var memoryBytes: Int
        var reuse: EdgeServer.Reuse
        var overlap: Bool

        init(_ server: EdgeServer) {
            memoryBytes = server.memoryBytes
            reuse = server.reuse
            overlap = server.overlap
        }
    }

    /// Whether these are the models of the last time in the same order, with the same blocks resident and in use on the
    /// same server: what is loaded and evicted may be known then.
    func keepsLoads(_ batches: [BatchOutline], _ server: EdgeServer, _ state: ServerState) -> Bool {
        guard !recordsBlocks, record.isComplete, record.steps.count == batches.count + 1 else { return false }
        guard rules == Rules(server), models.count == batches.count else { return false }
        guard batches.indices.allSatisfy({ batches[$0].model == models[$0] }) else { return false }
        return residency.table.holds(for: server, state)
    }

    mutating func noteModels(_ batches: [BatchOutline]) {
        models.removeAll(keepingCapacity: true)
        for batch in batches { models.append(batch.model) }
    }

    /// Makes ready for questions with one more batch of `model`, all to be computed by `trial` on this.
    ///
    /// What is found out about the model's blocks is kept here then, not found out again for each question.
    /// - Complexity: O(parts of the model), and the first time O(its blocks).
    public mutating func prepare(forBatchOf model: Int, trial: inout ScheduleTimeline) {
        guard !residency.table.hasAll(of: model) else { return }
        // A table that is shared would be copied.
        trial.residency.table = BlockParts()
        residency.table.prepare(model)
    }

    /// What is resident after the last batch.
    /// - Complexity: O(blocks, and parts loaded and evicted).
    func residentAtEnd(on server: EdgeServer) -> BlockSet {
        var away = residency.table.away
        record.apply(upTo: entries.count, to: &away)
        return residency.resident(without: away, capacity: server.blocks.count)
    }
}

internal import LoadScheduling
internal import Logging
internal import ModelServing
internal import ServingCore

extension GatewayCore {
    /// Starts the threads that carry out what is decided, and those that read the store and solve what people post.
    func startThreads() {
        threads.start(
            executors: lanes.map { BatchExecutor(core: self, lane: $0) },
            loader: BlockLoader(
                loader: ModelLoader(blocks: blocks, clock: clock),
                loop: loop,
                models: models,
                repeatedLog: repeatedLog
            ),
            planner: Planner(core: self, scheduler: GreedyScheduler()),
            loop: loop,
            niceness: configuration.engine.niceness
        )
        dryRuns.start()
        answerWriter.start(name: "answers", niceness: configuration.engine.niceness) { $0() }
        catalogThread.start { [self] in
            do throws(ServingError) {
                try reloadCatalog()
                return nil
            } catch {
                return error
            }
        }
    }

    /// Ends them after the work they have; false where executor or loader do not come to their end within `limit`.
    func stopThreads(atMost limit: Duration) -> Bool {
        guard threads.stop(atMost: limit) else { return false }
        answerWriter.stop()
        dryRuns.stop()
        catalogThread.stop()
        return true
    }

    /// Reads the store again, so that models imported meanwhile are served; on the catalog's thread only, so that readings are
    /// served in their order. Dispatcher and tickets change first: whoever finds a model in ``catalog`` is decided with it.
    private func reloadCatalog() throws(ServingError) {
        let old = models.generation
        let new = try reader.next(after: old)
        defer { forgiveRepaired() }
        guard !new.isEqual(to: old) else { return }
        let inUse = loop.publish(new)
        models.publish(new, inUse: inUse)
        let needed = (new.records.values + inUse).map(\.model)
        units.keep(only: needed)
        blocks.keep(only: Set(needed.lazy.flatMap(\.blocks).map(\.id)))
        logger.info("the catalog has changed", metadata: ["generation": "\(new.id)", "models": "\(new.records.count)"])
    }

    /// A model whose load failed is tried again where its files are sound: an import has repaired them, or they were read badly.
    private func forgiveRepaired() {
        let entries = models.generation.entries
        for record in models.failedModels {
            if let entry = entries[record.model.id], reader.isSound(entry) { models.forgive(record) }
        }
    }
}

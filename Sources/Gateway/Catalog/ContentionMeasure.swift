private import Dispatching
internal import ModelCatalog
internal import ModelServing
internal import ServingCore
private import Synchronization

/// Loads and batches at the same time, as a gateway does them, beside each alone.
///
/// Batches go from model to model and from size to size, so that each finds another's parameters in the processor's caches.
struct ContentionMeasure: Sendable {
    /// A model in memory, what its batches are estimated to take, and a request for it.
    struct Subject: Sendable {
        let model: PinnedModel
        let baseSeconds: Double
        let itemSeconds: Double
    }

    /// What orders of loads come to.
    private struct Loads: Sendable {
        var samples: [ContentionSamples.Sample] = []
        var orderSeconds: [Double] = []
    }

    let subjects: [Subject]
    /// The blocks that are loaded in turn.
    let turn: LoadTurn
    /// What loading each block is estimated to take.
    let loadSeconds: [BlockID: Double]
    let units: UnitEngine
    let engine: any InferenceEngine
    let store: BlockStore
    /// How nice a gateway's threads are that run and load: as nice as the engine's own, or these would have to wait for them.
    let niceness: Int
    let clock: @Sendable () -> MonotonicInstant

    /// How long each of the three parts is measured.
    private static let span = Duration.milliseconds(2000)
    /// The sizes of batches, in turn.
    private static let sizes = [1, 2, 1, 4]

    /// The part of a batch during which blocks must have been loaded for it to count as beside them.
    private static let besidePart = 0.9

    /// Measures each alone, then both together.
    func measure() throws(ServingError) -> ContentionSamples {
        var samples = ContentionSamples()
        samples.batchesAlone = try onThread { () throws(ServingError) in
            try repeated { index throws(ServingError) in try runBatch(index) }
        }
        let alone = try onThread { () throws(ServingError) in
            var (turn, loads) = (turn, Loads())
            let loader = makeLoader()
            // Memory that is new to the process makes loads slow: a gateway has it reserved when it starts.
            for _ in turn.blocks { try carryOut(turn.next(), loader, into: &loads) }
            loads = Loads()
            _ = try repeated { _ throws(ServingError) in try carryOut(turn.next(), loader, into: &loads) }
            return loads
        }
        (samples.loadsAlone, samples.ordersAlone) = (alone.samples, alone.orderSeconds)
        (samples.batchesBeside, samples.loadsBeside) = try measureBeside()
        return samples
    }

    private func measureBeside() throws(ServingError) -> (
        batches: [ContentionSamples.Sample], loads: [ContentionSamples.Sample]
    ) {
        let beside = LoadingBeside()
        let found = Mutex((turn: turn, loads: Loads(), failure: ServingError?.none))
        let (worker, loader) = (WorkerThread<Void>(), makeLoader())
        worker.start(name: "loader", niceness: niceness) { [self] in
            var ended: Int
            repeat {
                ended = beside.endedBatches
                found.withLock { found in
                    do throws(ServingError) {
                        try carryOut(found.turn.next(), loader, into: &found.loads)
                    } catch {
                        found.failure = error
                        beside.end()
                    }
                }
            } while beside.goesOn(after: ended, at: clock())
        }
        let batches = Result { () throws(ServingError) in
            try onThread { () throws(ServingError) in
                try repeated { index throws(ServingError) in try runBatch(index, beside, worker.mailbox) }
            }
        }
        beside.end()
        worker.stop()
        if let failure = found.withLock({ $0.failure }) { throw failure }
        return (try batches.get().compactMap(\.self), found.withLock { $0.loads.samples })
    }

    /// Runs batch number `index` beside loads; nil where it was not beside them for almost all of its time.
    private func runBatch(
        _ index: Int,
        _ beside: LoadingBeside,
        _ mailbox: Mailbox<Void>
    ) throws(ServingError) -> ContentionSamples.Sample? {
        let begin = clock()
        let (wakes, before) = beside.batchBegins(at: begin)
        if wakes { mailbox.post(()) }
        let sample = try runBatch(index)
        let end = clock()
        let busy = beside.batchEnds(at: end) - before
        return busy >= begin.duration(to: end) * Self.besidePart ? sample : nil
    }

    /// Runs batch number `index`.
    private func runBatch(_ index: Int) throws(ServingError) -> ContentionSamples.Sample {
        let subject = subjects[index % subjects.count]
        let isBatchable = subject.model.model.isBatchable
        let size = isBatchable ? Self.sizes[(index / subjects.count) % Self.sizes.count] : 1
        let runner = ModelRunner(engine: engine, maximumBatchRows: size, clock: clock)
        let requests = Array(repeating: subject.model.model.inputs.map(\.zeros), count: size)
        let start = clock()
        let outcome = runner.run(subject.model, requests: requests)
        let seconds = start.duration(to: clock()).inSeconds
        for result in outcome.results { _ = try result.get() }
        let estimate = subject.baseSeconds + subject.itemSeconds * Double(size)
        return ContentionSamples.Sample(took: seconds, estimate: estimate)
    }

    private func makeLoader() -> ModelLoader {
        // The turn says what is in memory at a time; what blocks were estimated to have must not get in its way.
        let blocks = ResidentBlocks(limit: ByteCount(.max), engine: units) { [store] in store.path(of: $0) }
        return ModelLoader(blocks: blocks, clock: clock)
    }

    /// Carries out one order, as a gateway's loader does, and counts what it took as a gateway counts it.
    private func carryOut(_ order: ResidencyOrder, _ loader: ModelLoader, into loads: inout Loads) throws(ServingError)
    {
        let start = clock()
        let report = loader.carryOut(order)
        let seconds = start.duration(to: clock()).inSeconds
        if let failure = report.failure { throw failure }
        loads.orderSeconds.append(max(seconds - report.loadDuration.inSeconds, 0))
        for load in report.loads {
            guard let estimate = loadSeconds[load.block.id] else { continue }
            loads.samples.append(ContentionSamples.Sample(took: load.duration.inSeconds, estimate: estimate))
        }
    }

    /// Works on a thread as nice as a gateway's that load and run.
    private func onThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws(ServingError) -> Value
    ) throws(ServingError) -> Value {
        try ResultThread(niceness: niceness, work: work).value()
    }

    private func repeated<Value>(_ work: (Int) throws(ServingError) -> Value) throws(ServingError) -> [Value] {
        let start = clock()
        var results: [Value] = []
        repeat { results.append(try work(results.count)) } while start.duration(to: clock()) < Self.span
        return results
    }
}

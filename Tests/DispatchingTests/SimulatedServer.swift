import Dispatching
import LoadScheduling
import ServingCore
import TestSupport

/// A tiny discrete-event world around a dispatcher: one loader, an executor of lanes, uploads that follow their rates, and a second
/// count of memory that does not trust the dispatcher's own.
struct SimulatedServer {
    /// What really happens, as opposed to what is estimated.
    struct Truth {
        var loadBytesPerSecond = 500e6
        var loadSecondsPerBlock = 0.5e-3
        var baseSeconds = 2e-3
        var itemSeconds = 1e-3
        /// By what each request of a model takes longer than ``itemSeconds``.
        var itemFactors: [ModelID: Double] = [:]
        /// Service times are drawn up to this part longer or shorter.
        var jitter = 0.0
        var loadFailureRate = 0.0
        var unpacedUploadSeconds: ClosedRange<Double> = 0.0001...0.0002
        /// Requests whose body never comes.
        var neverSends: Set<RequestID> = []
        /// The part of uploads that never end.
        var stalledUploadRate = 0.0
    }

    enum Ending: Equatable {
        case ran(late: Bool)
        case failed(ServingError.Code)
        case cancelled
    }

    private struct Timed {
        var time: Double
        var sequence: Int
        var event: DispatchEvent
    }

    private struct Upload {
        var left: Double
        var rate: Double
        var since: Double
        var generation: Int
        var isStalled: Bool
    }

    var dispatcher: Dispatcher
    let truth: Truth
    private(set) var now = 0.0
    private(set) var endings: [RequestID: Ending] = [:]
    private(set) var admitted: Set<RequestID> = []
    private(set) var rejected: [RequestID: ServingError] = [:]
    private(set) var pinAnswers: [DispatchAction] = []
    private(set) var batches: [BatchOrder] = []
    private(set) var loads: [LoadOrder] = []
    private(set) var plansSolved = 0
    /// Rules that were broken, in words; empty in a sound run.
    private(set) var violations: [String] = []
    /// How often the dispatcher hears how far uploads are; nil for never. An upload is there at once, at its end.
    var reportInterval: Double?
    /// Whether a batch may start after a deadline of its own.
    var allowsLateStarts = false
    /// Called with each request that was refused or has ended: what a client does next.
    var whenEnded: ((inout SimulatedServer, RequestID) -> Void)?
    /// Solves planning tasks where set.
    var solve: ((PlanningTask) -> PlanningResult)?

    private var queue: [Timed] = []
    private var justEnded: [RequestID] = []
    private var sequence = 0
    private var random: SeededGenerator
    private var deadlines: [RequestID: Double] = [:]
    private var gone: Set<RequestID> = []
    private var resident: [BlockID: Int] = [:]
    private var busyLoader: Set<BlockID>?
    /// What each lane runs.
    private var running: [Int: BatchOrder] = [:]
    private var uploads: [RequestID: Upload] = [:]
    private let models: [ModelID: DispatchCatalog.Model]
    private let limit: Int

    init(_ configuration: DispatcherConfiguration, _ catalog: DispatchCatalog, truth: Truth = Truth(), seed: UInt64 = 0)
    {
        dispatcher = Dispatcher(configuration: configuration, catalog: catalog)
        self.truth = truth
        random = SeededGenerator(seed: seed)
        models = Dictionary(uniqueKeysWithValues: catalog.models.map { ($0.id, $0) })
        limit = configuration.memoryLimit.rawValue
    }

    /// Puts an event into the future.
    mutating func schedule(_ event: DispatchEvent, at time: Double) {
        sequence += 1
        let index = queue.firstIndex { ($0.time, $0.sequence) > (time, sequence) } ?? queue.count
        queue.insert(Timed(time: time, sequence: sequence, event: event), at: index)
    }

    /// Puts an arrival into the future; its deadline is relative to it.
    mutating func arrive(_ id: UInt64, _ model: ModelID, at time: Double, within deadline: Double, bytes: Int = 1000) {
        let id = RequestID(rawValue: id)
        deadlines[id] = time + deadline
        let arrival = Arrival(
            id: id,
            model: model,
            bodyBytes: ByteCount(bytes),
            deadline: Self.instant(time + deadline)
        )
        schedule(.arrived(arrival), at: time)
    }

    static func instant(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64((seconds * 1e9).rounded()))
    }

    /// Runs until nothing is left to happen.
    mutating func run(until end: Double = 1e6) {
        while let next = queue.first, next.time <= end {
            queue.removeFirst()
            now = max(now, next.time)
            guard isDue(next.event) else { continue }
            handle(next.event)
        }
    }

    private mutating func handle(_ event: DispatchEvent) {
        var event = event
        if case .uploadsProgressed = event, let reportInterval {
            event = .uploadsProgressed(
                uploads.keys.sorted().map { UploadReport(id: $0, receivedBytes: 0, isHeld: false) }
            )
            if !uploads.isEmpty { schedule(event, at: now + reportInterval) }
        }
        note(event)
        var actions: [DispatchAction] = []
        dispatcher.handle(event, at: Self.instant(now), into: &actions)
        if case .arrived(let arrival) = event { checkVerdict(on: arrival.id, actions) }
        for action in actions { carryOut(action) }
        let ended = justEnded
        justEnded.removeAll()
        for id in ended { whenEnded?(&self, id) }
        let used = resident.values.reduce(0, +)
        if used > limit { violations.append("\(used) bytes resident, limit \(limit)") }
    }
}

extension SimulatedServer {
    /// Whether an event put into the future still applies: an upload whose rate changed ends at another time.
    private func isDue(_ event: DispatchEvent) -> Bool {
        guard case .uploadFinished(let id, _) = event else { return true }
        guard let upload = uploads[id], upload.rate > 0 else { return uploads[id] != nil }
        return upload.left - upload.rate * (now - upload.since) <= 1e-3
    }

    private mutating func note(_ event: DispatchEvent) {
        switch event {
        case .uploadFinished(let id, _): uploads[id] = nil
        case .cancelled(let id):
            uploads[id] = nil
            guard admitted.contains(id), endings[id] == nil, !gone.contains(id) else { return }
            gone.insert(id)
            if !running.values.contains(where: { $0.requests.contains(id) }) { finish(id, .cancelled) }
        case .loadFinished(let result):
            for block in busyLoader ?? [] {
                if case .loaded = result.blocks[block] { continue }
                resident[block] = nil
            }
            busyLoader = nil
        case .batchFinished(let result): endBatch(result.order)
        default: break
        }
    }

    private mutating func endBatch(_ id: OrderID) {
        guard let order = running.values.first(where: { $0.id == id }) else { return }
        for id in order.requests {
            if gone.contains(id) {
                finish(id, .cancelled)
            } else {
                finish(id, .ran(late: now > (deadlines[id] ?? 0)))
            }
        }
        running[order.lane] = nil
    }

    private mutating func finish(_ id: RequestID, _ ending: Ending) {
        if endings[id] != nil { violations.append("request \(id) ended twice") }
        if !admitted.contains(id) { violations.append("request \(id) ended and was never admitted") }
        endings[id] = ending
        justEnded.append(id)
        uploads[id] = nil
    }

    private mutating func checkVerdict(on id: RequestID, _ actions: [DispatchAction]) {
        let verdicts = actions.count {
            switch $0 {
            case .admit(id, _), .reject(id, _): true
            default: false
            }
        }
        if verdicts != 1 { violations.append("request \(id) got \(verdicts) verdicts") }
    }

    private mutating func carryOut(_ action: DispatchAction) {
        switch action {
        case .admit(let id, let grant):
            admitted.insert(id)
            startUpload(id, grant)
        case .reject(let id, let error):
            rejected[id] = error
            justEnded.append(id)
        case .setUploadRate(let id, let rate, _): setRate(id, rate)
        case .load(let order): load(order)
        case .run(let order): run(order)
        case .fail(let id, let error): finish(id, .failed(error.code))
        case .plan(let task):
            guard let solve else { return }
            plansSolved += 1
            schedule(.planned(solve(task)), at: now + 0.001)
        case .wake(let instant): schedule(.tick, at: max(now, Double(instant.nanoseconds) * 1e-9))
        case .pinned, .pinFailed, .unpinned: pinAnswers.append(action)
        case .terminate, .estimateChecked: break
        }
    }

    private mutating func startUpload(_ id: RequestID, _ grant: Grant) {
        let isStalled =
            Double.random(in: 0..<1, using: &random) < truth.stalledUploadRate || truth.neverSends.contains(id)
        if let reportInterval, uploads.isEmpty { schedule(.uploadsProgressed([]), at: now + reportInterval) }
        let rate = grant.rate?.rawValue ?? 0
        uploads[id] = Upload(left: 8000, rate: rate, since: now, generation: 0, isStalled: isStalled)
        guard !isStalled else { return }
        let seconds = rate > 0 ? 8000 / rate : .random(in: truth.unpacedUploadSeconds, using: &random)
        schedule(.uploadFinished(id), at: now + seconds)
    }

    private mutating func setRate(_ id: RequestID, _ rate: BitsPerSecond?) {
        guard var upload = uploads[id], let rate, !upload.isStalled else { return }
        upload.left = max(upload.left - upload.rate * (now - upload.since), 0)
        upload.since = now
        upload.rate = rate.rawValue
        uploads[id] = upload
        schedule(.uploadFinished(id), at: now + upload.left / rate.rawValue)
    }

    private mutating func load(_ order: LoadOrder) {
        if busyLoader != nil { violations.append("a load was ordered while one is in flight") }
        for block in order.evict {
            if resident.removeValue(forKey: block) == nil { violations.append("\(block) evicted, not resident") }
            let isUsed = running.values.contains { models[$0.model]?.blocks.contains { $0.id == block } ?? false }
            if isUsed { violations.append("\(block) evicted while it runs") }
        }
        var seconds = 0.0
        var outcomes: [BlockID: LoadResult.Outcome] = [:]
        for block in order.load {
            if resident[block.id] != nil { violations.append("\(block.id) loaded twice") }
            resident[block.id] = block.size.rawValue
            let each = jittered(truth.loadSecondsPerBlock + Double(block.size.rawValue) / truth.loadBytesPerSecond)
            seconds += each
            let fails = Double.random(in: 0..<1, using: &random) < truth.loadFailureRate
            let failure = ServingError(.modelUnavailable, "the disk says no")
            outcomes[block.id] = fails ? .failed(failure) : .loaded(.seconds(each), size: block.size)
        }
        busyLoader = Set(order.load.map(\.id))
        loads.append(order)
        schedule(.loadFinished(LoadResult(order: order.id, blocks: outcomes)), at: now + seconds)
    }

    private mutating func run(_ order: BatchOrder) {
        if running[order.lane] != nil { violations.append("a batch was ordered for a lane that runs one") }
        if !(0..<max(dispatcher.configuration.lanes, 1)).contains(order.lane) {
            violations.append("lane \(order.lane)")
        }
        running[order.lane] = order
        batches.append(order)
        for block in models[order.model]?.blocks ?? []
        where resident[block.id] == nil || busyLoader?.contains(block.id) == true {
            violations.append("\(order.model) runs without \(block.id)")
        }
        for id in order.requests {
            if now >= deadlines[id] ?? 0, !allowsLateStarts {
                violations.append("request \(id) started after its deadline")
            }
            if uploads[id] != nil { violations.append("request \(id) started before its upload ended") }
        }
        let count = order.requests.count
        let isBatchable = models[order.model]?.isBatchable ?? true
        let runs = isBatchable ? 1 : count
        let item = truth.itemSeconds * (truth.itemFactors[order.model] ?? 1)
        let seconds = jittered(truth.baseSeconds * Double(runs) + item * Double(count))
        let groups = isBatchable ? [count] : Array(repeating: 1, count: count)
        let result = BatchResult(order: order.id, duration: .seconds(seconds), groupSizes: groups)
        schedule(.batchFinished(result), at: now + seconds)
    }

    private mutating func jittered(_ seconds: Double) -> Double {
        truth.jitter > 0 ? seconds * .random(in: (1 - truth.jitter)...(1 + truth.jitter), using: &random) : seconds
    }
}

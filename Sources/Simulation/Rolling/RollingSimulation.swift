public import Dispatching
import HeapModule
import LoadScheduling
import ServingCore

/// A machine on virtual time around the server's own ``Dispatcher``: events in, actions out.
///
/// Arrivals, uploads, loads, batches and plans are events ordered by (time, sequence). Uploads progress at what they are
/// granted and what their links carry, changes of either handled exactly; loads and batches take what the machine really takes.
/// Plans are solved with a fixed amount of work. Hence equal arguments give equal outcomes, whatever simulates them.
/// - Complexity: what the dispatcher costs, and O(log(events)) an event.
public struct RollingSimulation: Sendable {
    /// The dispatcher, of the server's own type.
    public internal(set) var dispatcher: Dispatcher
    /// What was found so far.
    public internal(set) var outcome = RollingOutcome()

    let server: RollingServer
    let settings: RollingSettings
    let arrivals: [RollingArrival]
    var random: SimulationRandom
    var now = 0.0
    var uploads: [RequestID: SimulatedUpload] = [:]
    /// What the links of each part of the devices carry now, as a part of their rate.
    var linkFactors: [LinkChange] = []
    /// The uploads under way of each device, where they share its link.
    var underWay: [Int: [RequestID]] = [:]
    var isReporting = false
    /// What loader and executor are at, and the number of the last look at it that was asked for.
    var work: MachineWork
    var workNumber = 0
    /// What each lane runs.
    var running: [Int: BatchOrder] = [:]
    var loading: (order: LoadOrder, seconds: [Double])?
    /// When a request ended last.
    var lastEnd = 0.0

    private var nextArrival = 0
    private var events = Heap<TimedEvent>()
    private var sequence = 0
    private var wake = Double.infinity

    /// Makes a simulation of `arrivals`, in the order of their times.
    public init(_ server: RollingServer, _ settings: RollingSettings, arrivals: [RollingArrival]) {
        self.server = server
        self.settings = settings
        self.arrivals = arrivals
        random = SimulationRandom(seed: settings.seed)
        work = MachineWork(
            contention: settings.contention,
            lanes: settings.configuration.lanes,
            laneSlowdown: settings.laneSlowdown
        )
        dispatcher = Dispatcher(configuration: settings.configuration, catalog: server.catalog)
        for (index, change) in settings.linkChanges.enumerated() { schedule(.links(index), at: change.time) }
    }

    /// Runs until nothing is left to happen.
    public mutating func run() -> RollingOutcome {
        var actions: [DispatchAction] = []
        while let event = takeNext() {
            actions.removeAll(keepingCapacity: true)
            dispatcher.handle(event, at: Self.instant(now), into: &actions)
            outcome.events += 1
            for action in actions { carryOut(action) }
        }
        finish()
        return outcome
    }

    /// The next event the dispatcher must hear of, at its time; arrivals come before anything else of the same time.
    private mutating func takeNext() -> DispatchEvent? {
        while true {
            if nextArrival < arrivals.count, arrivals[nextArrival].time <= events.min?.time ?? .infinity {
                return takeArrival()
            }
            guard let next = events.popMin() else { return nil }
            now = max(now, next.time)
            if let event = take(next.kind) { return event }
        }
    }

    private mutating func takeArrival() -> DispatchEvent {
        let arrival = arrivals[nextArrival]
        nextArrival += 1
        now = max(now, arrival.time)
        outcome.sent += 1
        interruptWork()
        return .arrived(
            Arrival(
                id: RequestID(rawValue: UInt64(nextArrival)),
                model: server.catalog.models[arrival.model].id,
                bodyBytes: ByteCount(arrival.bytes),
                spectralEfficiency: arrival.efficiency.map(SpectralEfficiency.init(rawValue:)),
                deadline: Self.instant(arrival.deadline)
            )
        )
    }

    private mutating func take(_ kind: TimedEvent.Kind) -> DispatchEvent? {
        switch kind {
        case .dispatch(let event):
            guard case .tick = event else { return event }
            // The server's alarm holds one time: a tick whose time was replaced by an earlier one does not come.
            guard now >= wake else { return nil }
            wake = .infinity
            return event
        case .upload(let id): return progress(id)
        case .links(let index):
            changeLinks(settings.linkChanges[index])
            return nil
        case .report: return report()
        case .work(let number): return endWork(number)
        }
    }

    mutating func schedule(_ kind: TimedEvent.Kind, at time: Double) {
        sequence += 1
        events.insert(TimedEvent(time: time, sequence: sequence, kind: kind))
    }

    private mutating func carryOut(_ action: DispatchAction) {
        switch action {
        case .admit(let id, let grant): beginUpload(id, grant)
        case .reject(_, let error):
            outcome.refused[error.code, default: 0] += 1
            lastEnd = now
        case .setUploadRate(let id, let rate, _): setRate(of: id, to: rate)
        case .fail(let id, _):
            fail(id)
            lastEnd = now
        case .load(let order): load(order)
        case .run(let order): run(order)
        case .plan(let task): plan(task)
        case .wake(let instant): wake(at: Double(instant.nanoseconds) * 1e-9)
        case .terminate, .estimateChecked, .pinned, .pinFailed, .unpinned: break
        }
    }

    private mutating func wake(at time: Double) {
        guard time < wake else { return }
        wake = time
        schedule(.dispatch(.tick), at: max(now, time))
    }

    private mutating func finish() {
        outcome.duration = lastEnd - (arrivals.first?.time ?? 0)
        outcome.loadedBytes = dispatcher.counters.loadedBytes
        outcome.reusedBytes = dispatcher.counters.reusedBytes
        outcome.plansAdopted = dispatcher.counters.plansAdopted
    }

    func arrival(of id: RequestID) -> RollingArrival { arrivals[Int(id.rawValue) - 1] }

    static func instant(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(seconds * 1e9))
    }

    static func duration(_ seconds: Double) -> Duration { .nanoseconds(Int64(seconds * 1e9)) }
}

import AdmissionControl
import BandwidthAllocation
import LoadScheduling
public import ServingCore

/// The rolling horizon as one pure state machine: events in, actions out.
///
/// It holds the plan (ordered batches that cover every admitted request that does not run yet), a mirror of which blocks are
/// resident, what is in flight on the one loader and the one executor, and the learned estimates. It knows no clock: every
/// event comes with its time. One lock around it suffices; the actions are carried out after the lock is left.
///
/// Promises: an arrival is admitted only if no request in the plan becomes late by it; an admitted request ends exactly once (run,
/// failed or cancelled); nothing runs that has passed its deadline, unless ``DispatcherConfiguration/runsExpired``; resident and loading blocks never exceed the memory limit;
/// the executor runs whenever something ready can run without making another request late.
/// - Complexity: an event costs O(planned batches) and the blocks of the models it touches, unless something expires, a batch starts or
///   estimates have moved by more than 2 %: then O(planned batches * blocks of their models), and O(blocks and models).
public struct Dispatcher: Sendable {
    /// The limits it keeps.
    public let configuration: DispatcherConfiguration
    /// What has happened so far.
    public internal(set) var counters = DispatchCounters()

    let intervals: IntervalSeconds
    var catalog = CatalogIndex()
    var costs: CostModel
    var accelerator: Accelerator
    var shedder: LoadShedder

    var queue = RequestQueue()
    var editor: PlanEditor
    var pins = PinState()
    var planning = PlanningState()
    var uploads: UploadScheduler
    var wake = WakeState()
    var isDraining = false
    /// Has the compiler hand a dispatcher on by its address, as it does with all that holds a value of unknown type: else it copies
    /// 4 KB at each call of a method that changes nothing, some fifteen times a request, and with the lock held. What such a
    /// method is told of the dispatcher's own is read before the call: as a part of it, it would have all be copied after all.
    private let isPassedByAddress: any Sendable = ()

    /// Makes a dispatcher with nothing resident and nothing planned.
    public init(configuration: DispatcherConfiguration, catalog: DispatchCatalog) {
        self.configuration = configuration
        intervals = IntervalSeconds(configuration)
        let server = EdgeServer(
            memoryBytes: configuration.memoryLimit.rawValue,
            uplink: Hertz((configuration.uplink.capacity?.rawValue ?? .infinity) * (1 - configuration.uplinkHeadroom)),
            shares: configuration.allocation,
            lanes: max(configuration.lanes, 1)
        )
        accelerator = Accelerator(lanes: server.lanes)
        uploads = UploadScheduler(configuration)
        shedder = LoadShedder(
            fairPart: configuration.overloadFairPart,
            loadSpacing: configuration.overloadLoadSpacing
        )
        costs = CostModel(server: server, estimates: configuration.estimates)
        editor = PlanEditor(
            maximumQueuedRequests: configuration.maximumQueuedRequests,
            namesEarliestDeadline: configuration.namesEarliestDeadline
        )
        adopt(catalog)
    }

    /// Takes in one event and appends what is to be done to `actions`, in order.
    public mutating func handle(
        _ event: DispatchEvent,
        at now: MonotonicInstant,
        into actions: inout [DispatchAction]
    ) {
        accelerator.advance(to: Self.seconds(now))
        switch event {
        case .arrived(let arrival): arrive(arrival, &actions)
        case .uploadFinished(let id, let deadline): finishUpload(id, deadline: deadline, &actions)
        case .uploadsProgressed(let reports): takeProgress(reports, &actions)
        case .cancelled(let id): cancel(id)
        case .bodyRejected(let id): rejectBody(id)
        case .loadFinished(let result): finishLoad(result, &actions)
        case .batchFinished(let result): finishBatch(result, &actions)
        case .planned(let result): adopt(result)
        // The alarm holds one time: one asked for between its coming and this tick was not taken.
        case .tick: wake.scheduled = .infinity
        case .catalogChanged(let catalog): change(to: catalog, &actions)
        case .pin(let model): pin(model, &actions)
        case .unpin(let model): unpin(model, &actions)
        case .drain: isDraining = true
        }
        proceed(&actions)
        if case .arrived(let arrival) = event { settleGrant(of: arrival.id, &actions) }
    }

    /// Everything that may follow from any event: expiries, the next batch, the next load, shares, planning, the next wake.
    private mutating func proceed(_ actions: inout [DispatchAction]) {
        endOverdueBatches(&actions)
        expire(&actions)
        startBatch(&actions)
        startLoad(&actions)
        solveShares(&actions)
        requestPlanning(&actions)
        requestWake(&actions)
    }
}

extension Dispatcher {
    /// Where the accelerator stands.
    var state: ServerState { _read { yield accelerator.state } }

    /// The batches that wait.
    var plan: BatchPlan { _read { yield queue.plan } }

    /// Every request that has not ended.
    var requests: RequestTable { _read { yield queue.requests } }

    /// The server as plans see it.
    var server: EdgeServer { _read { yield costs.server } }

    /// The plan's times as of ``updateTimeline()``.
    var timeline: ScheduleTimeline { _read { yield editor.timeline } }

    /// Brings ``timeline`` up to date with the plan.
    mutating func updateTimeline() { editor.update(queue, on: server, from: state) }

    /// Whether what was tried last makes no request late that ``timeline`` does not.
    var isTrialSafe: Bool { editor.isTrialSafe(margin: costs.margin(caution: caution), at: state.now) }

    /// Seconds since the clock's origin: the time axis inside.
    static func seconds(_ instant: MonotonicInstant) -> Double { Double(instant.nanoseconds) * 1e-9 }

    /// The instant at `seconds`, no earlier even after rounding, clamped to the clock's range.
    static func instant(_ seconds: Double) -> MonotonicInstant {
        let nanoseconds = (seconds * 1e9).rounded(.up) + 1
        return nanoseconds < 9e18 ? MonotonicInstant(nanoseconds: Int64(max(nanoseconds, -9e18))) : .distantFuture
    }

    /// A duration of `seconds` to the nanosecond, clamped.
    static func duration(_ seconds: Double) -> Duration {
        .nanoseconds(Int64(min(max(seconds.isNaN ? 0 : seconds, -3e9), 3e9) * 1e9))
    }

    var slack: Double { intervals.safetySlack }
}

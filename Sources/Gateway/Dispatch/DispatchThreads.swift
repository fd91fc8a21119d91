private import Dispatch
internal import Dispatching
internal import HTTPTransport
internal import LoadScheduling
internal import ServingCore

/// The fixed threads that carry out what the dispatcher decides: one for each lane of the executor, loader, planner, alarm.
final class DispatchThreads: DispatchEffects {
    private let executors: [WorkerThread<BatchJob>]
    private let loader = WorkerThread<LoadOrder>()
    private let planner = WorkerThread<PlanningTask>()
    private let alarm: AlarmThread
    private let pinWaiters: PinWaiters
    private let metrics: GatewayMetrics
    /// What ends runs, by lane.
    private let runs: [RunSwitch]
    private let clock: @Sendable () -> MonotonicInstant

    init(
        pinWaiters: PinWaiters,
        runs: [RunSwitch],
        metrics: GatewayMetrics,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) {
        self.pinWaiters = pinWaiters
        self.runs = runs
        executors = runs.map { _ in WorkerThread() }
        self.metrics = metrics
        self.clock = clock
        alarm = AlarmThread(clock: clock)
    }

    func perform(_ effect: DispatchEffect) {
        switch effect {
        case .run(let job): executors[job.order.lane].mailbox.post(job)
        case .terminate(let order, let lane): runs[lane].terminate(order, because: .overdue)
        case .load(let order): loader.mailbox.post(order)
        case .plan(let task): planner.mailbox.post(task)
        case .wake(let time): alarm.ring(at: time)
        case .fail(let ticket, let error): ticket.fail(error, counting: metrics)
        case .setUploadRate(let ticket, let rate, let revision):
            ticket.setUploadRate(rate, revision: revision, at: clock())
        case .estimateChecked(let check): metrics.stages.observe(check)
        case .pinned(let model, let error): pinWaiters.pinned(model, error)
        case .unpinned(let model): pinWaiters.unpinned(model)
        }
    }

    /// Starts the threads; those that compute, load and plan are nicer than those that take requests and answer them.
    func start(
        executors runs: [BatchExecutor],
        loader load: BlockLoader,
        planner plan: Planner,
        loop: DispatchLoop,
        niceness: Int
    ) {
        for (lane, (executor, run)) in zip(executors, runs).enumerated() {
            executor.start(name: "executor \(lane)", niceness: niceness, work: run.run)
        }
        loader.start(name: "loader", niceness: niceness, work: load.carryOut)
        planner.start(name: "planner", niceness: niceness, work: plan.solve)
        alarm.start(name: "alarm") { loop.handle(.tick) }
    }

    /// Ends the threads after the work they have; says whether executors and loader came to their end within `limit`.
    func stop(atMost limit: Duration) -> Bool {
        alarm.stop()
        planner.stop()
        let end = DispatchTime.now() + limit.inSeconds
        let areExecutorsDone = executors.map { $0.stop(by: end) }.allSatisfy { $0 }
        let isLoaderDone = loader.stop(by: end)
        return areExecutorsDone && isLoaderDone
    }
}

extension ServingError {
    /// What the requests of a run are told that was ended for them.
    static let overdue = ServingError(
        .deadlinePassed,
        "the run was ended: it went on for longer than engine.overrun_ms after the deadline"
    )
}

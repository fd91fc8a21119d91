internal import Dispatching
internal import HTTPTransport
internal import LoadScheduling
internal import ServingCore

/// The fixed threads that carry out what the dispatcher decides: executor, loader, planner, alarm.
struct DispatchThreads: DispatchEffects {
    private let executor = WorkerThread<BatchJob>()
    private let loader = WorkerThread<LoadOrder>()
    private let planner = WorkerThread<PlanningTask>()
    private let alarm: AlarmThread
    private let pinWaiters: PinWaiters
    private let metrics: GatewayMetrics
    private let clock: @Sendable () -> MonotonicInstant

    init(pinWaiters: PinWaiters, metrics: GatewayMetrics, clock: @escaping @Sendable () -> MonotonicInstant) {
        self.pinWaiters = pinWaiters
        self.metrics = metrics
        self.clock = clock
        alarm = AlarmThread(clock: clock)
    }

    func perform(_ effect: DispatchEffect) {
        switch effect {
        case .run(let job): executor.mailbox.post(job)
        case .load(let order): loader.mailbox.post(order)
        case .plan(let task): planner.mailbox.post(task)
        case .wake(let time): alarm.ring(at: time)
        case .fail(let ticket, let error): ticket.fail(error, counting: metrics)
        case .setUploadRate(let ticket, let rate): ticket.setUploadRate(rate, at: clock())
        case .estimateChecked(let check): metrics.stages.observe(check)
        case .pinned(let model, let error): pinWaiters.pinned(model, error)
        case .unpinned(let model): pinWaiters.unpinned(model)
        }
    }

    /// Starts the threads; those that compute, load and plan are nicer than those that take requests and answer them.
    func start(
        executor run: BatchExecutor,
        loader load: BlockLoader,
        planner plan: Planner,
        loop: DispatchLoop,
        niceness: Int
    ) {
        executor.start(name: "executor", niceness: niceness, work: run.run)
        loader.start(name: "loader", niceness: niceness, work: load.carryOut)
        planner.start(name: "planner", niceness: niceness, work: plan.solve)
        alarm.start(name: "alarm") { loop.handle(.tick) }
    }

    /// Ends the threads after the work they have.
    func stop() {
        alarm.stop()
        planner.stop()
        executor.stop()
        loader.stop()
    }
}

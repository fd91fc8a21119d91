internal import JSONCoding
internal import LoadScheduling
internal import PlanFormat
internal import ServingCore
private import Synchronization

/// The one thread that solves the instances people post, so that no request and no plan of the server's waits for them.
final class DryRunThread: Sendable {
    /// An instance to solve.
    struct Job: Sendable {
        let body: ByteRegion
        let solver: SolverRegistry.Entry
        /// What was asked for; nil leaves it to the solver.
        let budget: Duration?
        let report: @Sendable (Result<PlanReport, ServingError>) -> Void
    }

    private let worker = WorkerThread<Job>()
    private let limits: GatewayConfiguration.DryRun
    private let clock: @Sendable () -> MonotonicInstant
    private let waiting = Atomic(0)

    init(limits: GatewayConfiguration.DryRun, clock: @escaping @Sendable () -> MonotonicInstant) {
        self.limits = limits
        self.clock = clock
    }

    /// Starts the thread.
    func start() {
        worker.start(name: "dry-run") { [self] job in
            job.report(solve(job))
            waiting.subtract(1, ordering: .relaxed)
        }
    }

    /// Ends the thread after the instances it has.
    func stop() { worker.stop() }

    /// Takes an instance; `job.report` is called on the thread.
    ///
    /// - Throws: ``ServingError/Code/queueFull`` where too many wait.
    func take(_ job: Job) throws(ServingError) {
        guard waiting.add(1, ordering: .relaxed).newValue <= limits.maximumWaiting else {
            waiting.subtract(1, ordering: .relaxed)
            throw ServingError(
                .queueFull,
                "\(limits.maximumWaiting) instances wait already, which is as many as may",
                retryAfter: limits.budget
            )
        }
        worker.mailbox.post(job)
    }

    private func solve(_ job: Job) -> Result<PlanReport, ServingError> {
        do throws(ServingError) {
            let plan = try read(job.body)
            let budget = min(job.budget ?? job.solver.defaultBudget ?? limits.budget, limits.budget)
            return .success(PlanRunner.run(job.solver.solver(seed: plan.seed), on: plan, budget: budget, now: clock))
        } catch {
            return .failure(error)
        }
    }

    private func read(_ body: ByteRegion) throws(ServingError) -> InstancePlan {
        let maximumBytes = limits.maximumBodyBytes.rawValue
        // A value takes two bytes at least.
        let text = JSONLimits(maximumBytes: maximumBytes, maximumNodes: max(maximumBytes / 2, 1))
        let plan = try body.withBytes { (bytes) throws(ServingError) in try InstancePlan(parsing: bytes, limits: text) }
        let count = plan.problem.requests.count
        guard count <= limits.maximumRequests else {
            throw ServingError(
                .invalidField,
                "an instance has at most \(limits.maximumRequests) requests here, this one has \(count)",
                field: "requests"
            )
        }
        return plan
    }
}

public import LoadScheduling
public import ServingCore

/// A snapshot of the plan, to be solved on another thread by any `LoadScheduler`.
public struct PlanningTask: Hashable, Sendable {
    /// Which snapshot: its result must name it.
    public var number: UInt64
    /// The problem: all waiting requests, on the axis whose `now` is `problem.state.now`.
    public var problem: SchedulingProblem
    /// For each request of the problem, its id.
    public var requests: [RequestID]

    /// Makes a task.
    public init(number: UInt64, problem: SchedulingProblem, requests: [RequestID]) {
        self.number = number
        self.problem = problem
        self.requests = requests
    }
}

/// What a solver made of a ``PlanningTask``.
public struct PlanningResult: Hashable, Sendable {
    /// The task's number.
    public var number: UInt64
    /// The batches in order, each the ids of its requests; all of one batch ask for the same model.
    public var batches: [[RequestID]]
    /// What the planner's thread worked for it, where that is known; otherwise it counts from question to answer.
    public var work: Duration?

    /// Makes a result.
    public init(number: UInt64, batches: [[RequestID]]) {
        self.number = number
        self.batches = batches
    }

    /// Makes the result of `task` from the schedule a solver found for it.
    public init(task: PlanningTask, schedule: LoadSchedule, work: Duration? = nil) {
        number = task.number
        self.work = work
        batches = schedule.batches.map { $0.requests.map { task.requests[$0] } }
    }
}

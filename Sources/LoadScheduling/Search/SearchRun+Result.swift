extension SearchRun {
    /// The best plan found as a schedule, with the reason for each request it does not serve.
    mutating func schedule() -> LoadSchedule {
        if let built { return built }
        let unserved = reasons(of: best)
        let schedule = ScheduleBuilder.schedule(best.parts(instance), unserved: unserved, of: instance.problem, &budget)
        return schedule ?? LoadSchedule(shares: [], unserved: unserved)
    }

    /// Why each request that `schedule` does not serve is not served.
    static func reasons(
        of schedule: LoadSchedule,
        in problem: SchedulingProblem
    ) -> [Int: LoadSchedule.UnservedReason] {
        let instance = SearchInstance(problem)
        var run = SearchRun(instance, bound: 0, seed: 0)
        return run.reasons(of: SearchPlan(schedule, instance))
    }

    /// Why each request is not served: the uplink where there would be time for it, else its deadline.
    private mutating func reasons(of served: SearchPlan) -> [Int: LoadSchedule.UnservedReason] {
        var reasons: [Int: LoadSchedule.UnservedReason] = [:]
        reasons.reserveCapacity(instance.obstacles.count)
        for (index, obstacle) in instance.obstacles.enumerated() where obstacle != nil { reasons[index] = obstacle }
        plan = served
        times.compute(plan, instance)
        for slot in instance.models.indices where plan.unserved[slot] > 0 {
            let earliest = earliestEnd(of: slot)
            budget.spend(plan.batches.count * (instance.isChain ? 1 : 4) + plan.unserved[slot] * 8)
            for index in instance.byDeadline[slot] where !plan.isServed[index] {
                let hasTime = instance.problem.requests[index].deadline + 1e-9 >= earliest
                reasons[index] = hasTime && instance.capacity.isFinite ? .uplink : .deadline
            }
        }
        return reasons
    }
}

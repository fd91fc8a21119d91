import LoadScheduling
import ServingCore

extension AdmissionController {
    /// The places to try, the best first.
    func places(for question: AdmissionQuestion, in plan: [BatchOutline], on server: EdgeServer) -> [Placement] {
        var prompt: [Placement] = []
        var delaying: [Placement] = []
        var byDeadline = plan.count
        let room = server.models[question.model].maximumBatchSize
        for (index, batch) in plan.enumerated() {
            if byDeadline == plan.count, batch.deadline > question.deadline { byDeadline = index }
            guard batch.model == question.model, batch.count < room else { continue }
            guard prompt.count + delaying.count < maximumJoins else { continue }
            if question.uploadEnd > before.entries[index].start {
                delaying.append(.join(index))
            } else {
                prompt.append(.join(index))
            }
        }
        prompt.append(contentsOf: delaying)
        prompt.append(.insert(byDeadline))
        if byDeadline < plan.count { prompt.append(.insert(plan.count)) }
        return prompt
    }

    /// When the request would end at the earliest at a place that needs no closer look, because someone would surely be late.
    ///
    /// Nothing before the place gets earlier by a newcomer, and what comes after it starts later by the newcomer's own time at
    /// least, where nothing waits for uploads that are paced. On the safe side where a batch of its own would bring in blocks
    /// that spare later batches a load: their latest starts are taken as they are.
    func hopelessFinish(
        _ placement: Placement,
        _ question: AdmissionQuestion,
        _ plan: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Double? {
        let model = server.models[question.model]
        let isUnpaced = before.leastShareTotal == 0 && before.lateRequests == 0
        switch placement {
        case .join(let index):
            guard isUnpaced || before.leastShareTotal == 0 else { return nil }
            let finish = before.entries[index].finish + model.itemSeconds
            let isLate = finish > min(question.deadline, plan[index].deadline) + 1e-9
            let latest = before.entries[index].latestStart - model.itemSeconds
            let breaksPromise = before.entries[index].start > latest + 1e-9
            return isLate || (breaksPromise && isUnpaced) ? finish : nil
        case .insert(let index):
            let free = before.leastShareTotal == 0 ? freeTime(before: index, state) : executorFree(state)
            let finish = max(free, question.uploadEnd) + model.seconds(batch: 1)
            let breaksPromise = index < plan.count && finish > before.entries[index].latestStart + 1e-9
            return finish > question.deadline + 1e-9 || (breaksPromise && isUnpaced) ? finish : nil
        }
    }

    private func executorFree(_ state: ServerState) -> Double { max(state.executorFree, state.now) }

    /// When the batches before `index` have ended.
    private func freeTime(before index: Int, _ state: ServerState) -> Double {
        index > 0 ? before.entries[index - 1].finish : executorFree(state)
    }

    /// What can be said of a place without a closer look.
    func outlook(
        _ placement: Placement,
        finish: Double,
        _ question: AdmissionQuestion,
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Attempt {
        let model = server.models[question.model]
        let load = model.blocks.reduce(0) { state.resident.contains($1) ? $0 : $0 + server.blocks[$1].loadSeconds }
        let upload = max(question.uploadEnd - state.now, 0)
        let compute = model.seconds(batch: 1)
        let wait = max(finish - state.now - upload - load - compute, 0)
        return Attempt(
            placement: placement,
            finish: finish,
            estimate: LatencyBreakdown(
                upload: .rounding(seconds: upload),
                wait: .rounding(seconds: wait),
                load: .rounding(seconds: load),
                compute: .rounding(seconds: compute)
            ),
            latestStart: question.deadline - compute,
            scale: 1
        )
    }
}

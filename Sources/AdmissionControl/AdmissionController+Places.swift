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
        if question.joinsOnly, !prompt.isEmpty { return prompt }
        prompt.append(.insert(byDeadline))
        if byDeadline < plan.count { prompt.append(.insert(plan.count)) }
        return prompt
    }

    /// What stands in the way at a place that needs no closer look.
    struct Hopelessness: Equatable {
        /// When the request would end at the earliest.
        var finish: Double
        /// Whether it is the uplink that cannot do it, and not the time.
        var isUplinkAtFault = false
    }

    /// Why a place needs no closer look, because someone would surely be late or the uplink not suffice; nil where it may do.
    ///
    /// Nothing before the place gets earlier by a newcomer, what comes after it starts later by the newcomer's own time at
    /// least, and no least share gets smaller. On the safe side where a batch of its own would bring in blocks
    /// that spare later batches a load: their latest starts are taken as they are. Where there are several lanes, a newcomer may run
    /// beside what comes after it.
    func hopelessness(
        _ placement: Placement,
        _ question: AdmissionQuestion,
        _ plan: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Hopelessness? {
        let model = server.models[question.model]
        let index = placement.index
        var (seconds, deadline, latest, end) = (model.seconds(batch: 1), question.deadline, Double.infinity, 0.0)
        switch placement {
        case .join:
            seconds = model.seconds(batch: plan[index].count + 1)
            deadline = min(deadline, plan[index].deadline)
            end = max(before.finishesByLoads[index] + model.itemSeconds, question.uploadEnd + seconds)
            latest = before.entries[index].latestStart + seconds - model.itemSeconds
        case .insert:
            end = max(before.laneFreeByLoads(at: index, from: state), question.uploadEnd) + seconds
            if index < plan.count, server.lanes == 1 { latest = before.entries[index].latestStart }
        }
        if end > deadline + 1e-9 { return Hopelessness(finish: end) }
        // Where somebody is late already, latest starts are not what must be kept.
        guard before.lateRequests == 0 else { return nil }
        if end > latest + 1e-9 { return Hopelessness(finish: end) }
        guard question.uplinkWork > 0 else { return nil }
        let window = min(deadline, latest) - seconds - state.now
        let least = uploadSeconds(placement, question, plan, server, state)
        if window * (1 + 1e-9) < least { return Hopelessness(finish: end, isUplinkAtFault: true) }
        guard server.shares == .constant, server.uplink.rawValue.isFinite else { return nil }
        let shares = floor.leastShares(with: question, at: placement, in: plan, server, state)
        return shares > server.uplink.rawValue * (1 + 1e-9) ? Hopelessness(finish: end, isUplinkAtFault: true) : nil
    }

    /// Seconds the uploads of the request's batch take at least, with no more of the uplink than the others leave.
    ///
    /// With constant shares, those of its batch must fit beside all others' least shares; where shares vary, the uplink does
    /// the work of the batches before it first. With a `scale`, all shares are to be larger by that factor.
    func uploadSeconds(
        _ placement: Placement,
        _ question: AdmissionQuestion,
        _ plan: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        scale: Double = 1
    ) -> Double {
        guard question.uplinkWork > 0 else { return 0 }
        let index = placement.index
        let joined = placement == .join(index) ? plan[index].uplinkWork : 0
        var work = question.uplinkWork + joined
        switch server.shares {
        case .varying:
            for batch in plan[..<index] { work += batch.uplinkWork }
            return work * scale / max(server.uplink.rawValue, 1e-9)
        case .constant:
            var others = before.leastShareTotal
            if joined > 0 {
                let window = before.entries[index].latestStart - state.now
                others -= joined / max(window, plan[index].leastWindow, 1e-9)
            }
            return work / max(server.uplink.rawValue / scale - others, 1e-9)
        }
    }

    /// What can be said of a place without a closer look.
    func outlook(
        _ placement: Placement,
        _ hopelessness: Hopelessness,
        _ question: AdmissionQuestion,
        _ plan: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Attempt {
        let model = server.models[question.model]
        let load = model.blocks.reduce(0) { state.resident.contains($1) ? $0 : $0 + server.blocks[$1].loadSeconds }
        let paced = min(uploadSeconds(placement, question, plan, server, state), 1e6)
        let upload = max(question.uploadEnd - state.now, paced)
        let compute = model.seconds(batch: 1)
        let finish = hopelessness.finish
        let wait = max(finish - state.now - upload - load - compute, 0)
        return Attempt(
            placement: placement,
            isUplinkAtFault: hopelessness.isUplinkAtFault,
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

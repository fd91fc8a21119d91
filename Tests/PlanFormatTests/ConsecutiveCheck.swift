import LoadScheduling
import ServingCore

/// The rules of consecutive reuse without overlap, written down once more as shortly as they can be said, and of a schedule only what
/// decides: order, members, starts and shares.
enum ConsecutiveCheck {
    private static let tolerance = 1e-6

    /// Whether every batch can start when it says, everybody in it is uploaded and ends in time, and the shares fit.
    static func accepts(_ schedule: LoadSchedule, for problem: SchedulingProblem) -> Bool {
        let server = problem.server
        var resident = Set(problem.state.resident.indices)
        var (free, total) = (0.0, 0.0)
        var served: Set<Int> = []
        for batch in schedule.batches {
            let model = server.models[batch.model]
            let load = Set(model.blocks).subtracting(resident).reduce(0) { $0 + server.blocks[$1].loadSeconds }
            guard !batch.requests.isEmpty, batch.inferStart >= free + load - tolerance else { return false }
            free = batch.inferStart + model.seconds(batch: batch.requests.count)
            resident = Set(model.blocks)
            for number in batch.requests {
                let request = problem.requests[number]
                guard let share = schedule.shares[number]?.rawValue, share > 0 else { return false }
                guard served.insert(number).inserted, request.model == batch.model else { return false }
                guard free <= request.deadline + tolerance else { return false }
                guard request.bits / (share * request.efficiency) <= batch.inferStart + tolerance else { return false }
                total += share
            }
        }
        return total <= server.uplink.rawValue * (1 + 1e-6)
    }
}

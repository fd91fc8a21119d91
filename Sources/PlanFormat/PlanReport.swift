public import JSONCoding
public import LoadScheduling
import ServingCore

/// What a solver made of an instance, as `gateway plan` prints it.
public struct PlanReport: Hashable, Sendable {
    /// The instance.
    public var plan: InstancePlan
    /// The name of the solver.
    public var solver: String
    /// What it found.
    public var result: SchedulingResult
    /// How long it took.
    public var duration: Duration

    /// Makes a report.
    public init(plan: InstancePlan, solver: String, result: SchedulingResult, duration: Duration) {
        self.plan = plan
        self.solver = solver
        self.result = result
        self.duration = duration
    }

    /// The weight of the requests served; their number where all weigh 1.
    public var servedWeight: Double {
        result.schedule.batches.reduce(0) { $1.requests.reduce($0) { $0 + plan.problem.requests[$1].weight } }
    }

    /// Bytes all loads move.
    public var loadedBytes: Int {
        result.schedule.batches.reduce(0) { $1.loadedBlocks.reduce($0) { $0 + plan.problem.server.blocks[$1].bytes } }
    }

    /// The solver's upper bound, cut to a whole number where all weights are whole; nil where it knows none.
    public var upperBound: Double? {
        guard let bound = result.upperBound, bound.isFinite else { return nil }
        let isWhole = plan.problem.requests.allSatisfy { $0.weight == $0.weight.rounded() }
        // Rounding in a sum must not take a whole request off.
        return isWhole ? (bound + 1e-6).rounded(.down) : bound
    }
}

extension PlanReport: JSONWritable {
    /// Writes the result format of `problem.md`; where a request has a weight, also `served_weight`, which is what
    /// `upper_bound` bounds then; where shares vary, also `upload_s`, from when until when each request has its share.
    public func write(to writer: inout JSONWriter) {
        let schedule = result.schedule
        writer.object { writer in
            writer.member("solver", solver)
            writer.member("served", schedule.servedCount)
            if plan.problem.requests.contains(where: { $0.weight != 1 }) {
                writer.member("served_weight", wholeOrReal: servedWeight)
            }
            writer.member("upper_bound", wholeOrReal: upperBound ?? .infinity)
            writer.member("optimal", result.isOptimal)
            writer.member("stop_reason", result.stopReason.rawValue)
            writer.member("plan_ms", milliseconds: duration)
            writer.member("loaded_bytes", loadedBytes)
            writer.key("batches")
            writer.array { writer in
                for batch in schedule.batches { write(batch, to: &writer) }
            }
            writeShares(of: schedule, to: &writer)
            writeTurns(of: schedule, to: &writer)
            writeUnserved(of: schedule, to: &writer)
        }
    }

    private func write(_ batch: LoadSchedule.Batch, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("model", plan.modelIDs[batch.model])
            writer.member("requests", batch.requests.map { plan.requestIDs[$0] })
            writer.member("load_start_s", wholeOrReal: batch.loadStart)
            writer.member("infer_start_s", wholeOrReal: batch.inferStart)
            writer.member("finish_s", wholeOrReal: batch.finish)
            writer.member("loaded_blocks", batch.loadedBlocks.map { plan.blockIDs[$0] })
        }
    }

    private func writeShares(of schedule: LoadSchedule, to writer: inout JSONWriter) {
        writer.key("bandwidth_hz")
        writer.object { writer in
            for (request, share) in schedule.shares.enumerated() {
                guard let share else { continue }
                writer.member(plan.requestIDs[request], wholeOrReal: share.rawValue)
            }
        }
    }

    private func writeTurns(of schedule: LoadSchedule, to writer: inout JSONWriter) {
        guard plan.problem.server.shares == .varying else { return }
        writer.key("upload_s")
        writer.object { writer in
            for (request, turn) in schedule.turns.enumerated() {
                guard let turn else { continue }
                writer.key(plan.requestIDs[request])
                writer.array { writer in
                    writer.numberOrNull(turn.start)
                    writer.numberOrNull(turn.end)
                }
            }
        }
    }

    private func writeUnserved(of schedule: LoadSchedule, to writer: inout JSONWriter) {
        writer.key("unserved")
        writer.array { writer in
            for (request, reason) in schedule.unserved.sorted(by: { $0.key < $1.key }) {
                writer.object { writer in
                    writer.member("id", plan.requestIDs[request])
                    writer.member("reason", reason.rawValue)
                }
            }
        }
    }
}

extension JSONWriter {
    /// Writes a member that is a number: without a fraction where it has none, `null` where it is not finite.
    fileprivate mutating func member(_ name: String, wholeOrReal value: Double) {
        guard abs(value) < 0x1p53, let whole = Int(exactly: value) else { return member(name, orNull: value) }
        member(name, whole)
    }
}

/// How late a plan is, beyond how many of its requests are.
extension ScheduleTimeline {
    /// By how many seconds requests of `batches`, which it was computed for, end too late together.
    /// - Complexity: O(batches); nothing where nobody is late.
    public func tardiness(of batches: [BatchOutline]) -> Double {
        guard lateRequests > 0, batches.count == entries.count else { return 0 }
        return batches.indices.reduce(0) {
            $0 + max(entries[$1].finish - batches[$1].deadline, 0) * Double(batches[$1].count)
        }
    }

    /// How many requests of `batches`, which it was computed for, end too late even where all from `now` on takes `part` of the
    /// time it was computed with.
    /// - Complexity: O(batches); nothing where nobody is late.
    public func lateRequests(of batches: [BatchOutline], takingPart part: Double, from now: Double) -> Int {
        guard lateRequests > 0, batches.count == entries.count else { return 0 }
        return batches.indices.reduce(0) {
            now + (entries[$1].finish - now) * part > batches[$1].deadline + 1e-9 ? $0 + batches[$1].count : $0
        }
    }

    /// By how many seconds all from a batch on could start later with nobody late by it, on average over the batches: the room
    /// there is for newcomers. Infinite for no batches.
    /// - Complexity: O(batches).
    public var meanRoom: Double {
        var (room, sum) = (Double.infinity, 0.0)
        for entry in entries.reversed() {
            room = min(room, entry.latestStart - entry.start)
            sum += room
        }
        return entries.isEmpty ? .infinity : sum / Double(entries.count)
    }
}

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

    /// Whether each of `batches`, which it was computed for, that ends too late would do so in `other` as well, where all from `now`
    /// on takes `part` of the time that both were computed with.
    ///
    /// `source` says which batch of `other` one of them is; nil for one that is new and must be in time.
    /// - Complexity: O(batches); O(1) where nobody is late.
    public func makesNobodyLate(
        of batches: [BatchOutline],
        against other: ScheduleTimeline,
        takingPart part: Double,
        from now: Double,
        source: (Int) -> Int?
    ) -> Bool {
        guard lateRequests > 0, batches.count == entries.count else { return true }
        return batches.indices.allSatisfy { index in
            func isLate(_ entry: Entry) -> Bool {
                now + (entry.finish - now) * part > batches[index].deadline + 1e-9
            }
            guard isLate(entries[index]) else { return true }
            guard let place = source(index), other.entries.indices.contains(place) else { return false }
            return isLate(other.entries[place])
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

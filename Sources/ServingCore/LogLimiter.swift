/// Decides which of many equal log lines are written: the first at once, then one in each interval, with the count of those left
/// out between.
///
/// Subjects beyond the capacity share one entry, so that no input makes the table grow.
public struct LogLimiter: Sendable {
    private struct Entry {
        var nextLine: MonotonicInstant
        var suppressed = 0
    }

    private let interval: Duration
    private let capacity: Int
    private var entries: [String: Entry] = [:]

    /// Writes one line in each `interval` for each of at most `capacity` subjects.
    public init(interval: Duration = .seconds(60), capacity: Int = 256) {
        self.interval = interval
        self.capacity = max(capacity, 1)
    }

    /// Takes note of a line about `subject` at `now`; nil where it is left out, else how many were left out since the last one.
    ///
    /// - Complexity: O(1), O(capacity) where the table is full.
    public mutating func admit(_ subject: String, at now: MonotonicInstant) -> Int? {
        let key = key(of: subject, at: now)
        if var entry = entries[key], now < entry.nextLine {
            entry.suppressed += 1
            entries[key] = entry
            return nil
        }
        let suppressed = entries[key]?.suppressed ?? 0
        entries[key] = Entry(nextLine: now.advanced(by: interval))
        return suppressed
    }

    private mutating func key(of subject: String, at now: MonotonicInstant) -> String {
        guard entries.count >= capacity, entries[subject] == nil else { return subject }
        // An entry whose time is over says nothing any more, unless it holds a count that was never told.
        entries = entries.filter { now < $0.value.nextLine || $0.value.suppressed > 0 }
        return entries.count < capacity ? subject : ""
    }
}

internal import ServingCore

/// How the share of one upload changed after its grant: the last changes, and how many there were.
struct ShareHistory: Hashable, Sendable {
    /// One change.
    struct Change: Hashable, Sendable {
        /// When it was made.
        var time: MonotonicInstant
        /// What the upload may use from then on; nil lets it run free.
        var rate: BitsPerSecond?
    }

    /// How many changes there were.
    private(set) var count = 0
    private var last: [Change] = []

    /// How many of the last changes are kept.
    static let capacity = 16

    /// Takes in a change. O(1).
    mutating func add(_ rate: BitsPerSecond?, at time: MonotonicInstant) {
        let change = Change(time: time, rate: rate)
        if last.count < Self.capacity { last.append(change) } else { last[count % Self.capacity] = change }
        count += 1
    }

    /// The last changes, the oldest first.
    var changes: [Change] {
        guard count > Self.capacity else { return last }
        let start = count % Self.capacity
        return Array(last[start...] + last[..<start])
    }
}

import Dispatching
import ServingCore

/// Something that will happen in a rolling simulation; ties in time go to what was scheduled first.
struct TimedEvent: Comparable, Sendable {
    enum Kind: Sendable {
        /// Something the dispatcher must know of.
        case dispatch(DispatchEvent)
        /// An upload may be complete.
        case upload(RequestID)
        /// Links change, by the index of the change.
        case links(Int)
        /// Loader or executor may be done, if nothing has begun or ended since this number was given.
        case work(Int)
        /// It is time to report how far uploads are.
        case report
    }

    var time: Double
    var sequence: Int
    var kind: Kind

    static func < (lhs: TimedEvent, rhs: TimedEvent) -> Bool {
        (lhs.time, lhs.sequence) < (rhs.time, rhs.sequence)
    }

    static func == (lhs: TimedEvent, rhs: TimedEvent) -> Bool {
        lhs.time == rhs.time && lhs.sequence == rhs.sequence
    }
}

internal import Dispatching
internal import ServingCore

/// What `/metrics` shows of the dispatcher, copied out under its lock.
struct DispatchView: Sendable {
    /// What it counted.
    var counters = DispatchCounters()
    /// Requests that wait.
    var queued = 0
    /// Bytes of the blocks of models that are kept in memory.
    var pinned = ByteCount.zero
    /// Bandwidth granted to pending uploads; nil where no capacity is configured.
    var allocated: Hertz?
    /// The uplink's capacity; nil where none is configured.
    var capacity: Hertz?

    /// Nothing happened yet.
    init() {}

    init(_ dispatcher: borrowing Dispatcher) {
        counters = dispatcher.counters
        queued = dispatcher.queuedRequestCount
        pinned = dispatcher.pinnedBytes
        allocated = dispatcher.allocatedUplink
        capacity = dispatcher.configuration.uplink.capacity
    }
}

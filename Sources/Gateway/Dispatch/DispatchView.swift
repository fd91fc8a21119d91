internal import Dispatching
internal import ServingCore

/// What `/metrics` shows of the dispatcher, copied out under its lock.
struct DispatchView: Sendable {
    /// What it counted.
    var counters = DispatchCounters()
    /// Requests that wait.
    var queued = 0
    /// Rates granted to pending uploads.
    var allocated = BitsPerSecond(0)
    /// Bandwidth granted to pending uploads.
    var share = Hertz(0)
    /// The uplink's capacity, where one is configured.
    var capacity: Hertz?
}

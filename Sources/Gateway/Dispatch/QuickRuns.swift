/// Learns up to which size of input a model's runs are quick enough for a transport thread.
///
/// Time alone does not tell: a model that is quick for one row can take seconds for thousands. So only what is no larger
/// than something already seen to be quick counts as quick; larger batches prove themselves on the executor's thread.
struct QuickRuns: Hashable, Sendable {
    /// The most input bytes seen to run quickly; -1 before the first.
    private(set) var largestBytes = -1

    /// Nothing is known.
    init() {}

    /// Goes on from what ``largestBytes`` was.
    init(largestBytes: Int) {
        self.largestBytes = largestBytes
    }

    /// Whether a batch of this many input bytes can be expected to run quickly.
    func contains(_ bytes: Int) -> Bool { bytes <= largestBytes }

    /// Learns from a batch of `bytes` that ran for `duration`, where up to `limit` is quick.
    ///
    /// Half the limit is asked for, so that a batch of the same size stays below it in most cases; one that was too slow
    /// takes with it all that are larger than half of it.
    mutating func observe(_ bytes: Int, ran duration: Duration, limit: Duration) {
        if duration <= limit / 2 {
            largestBytes = max(largestBytes, bytes)
        } else if duration > limit {
            largestBytes = min(largestBytes, bytes / 2)
        }
    }
}

/// How much of the executor all arrivals of late would take, even in the largest of batches.
///
/// Each arrival counts with what it adds to a batch that runs anyway, and fades with a time constant of ``memory``. Above 1, no
/// order of whatever was asked for serves all of it.
struct OfferedLoad: Sendable {
    private var sum = 0.0
    private var notedAt = -Double.infinity

    /// Seconds an arrival is remembered: long enough that chance alone does not make an overload of half the load.
    static let memory = 0.7

    /// Takes in an arrival that would add so many seconds to a batch.
    mutating func note(_ seconds: Double, at now: Double) {
        sum = faded(at: now) + max(seconds, 0)
        notedAt = now
    }

    /// The part of the executor's time that is asked for.
    func share(at now: Double) -> Double { faded(at: now) / Self.memory }

    private func faded(at now: Double) -> Double { sum > 0 ? sum * Self.fading(over: now - notedAt) : 0 }

    /// What is left after `seconds`.
    ///
    /// For steps that are short against ``memory``, as arrivals under load are, this is exponential; a long pause fades less.
    static func fading(over seconds: Double) -> Double { 1 / (1 + max(seconds, 0) / memory) }
}

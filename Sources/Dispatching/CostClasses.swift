/// How much of the executor's time requests of late ask for and have been given, by what each of them costs.
///
/// A class holds the costs within about a fifth of each other. What is noted fades with a time constant of ``OfferedLoad/memory``.
/// - Complexity: O(classes) for everything.
struct CostClasses: Sendable {
    private var offered = Array(repeating: 0.0, count: Self.count)
    private var admitted = Array(repeating: 0.0, count: Self.count)
    private var notedAt = -Double.infinity

    private static let count = 96
    private static let classesPerDoubling = 4.0
    private static let leastSeconds = 1e-6
    /// What is let through in parts of the executor's time: a request costs less than it seems where its batch grows.
    private static let most = 1.2

    /// A request that would add so many seconds to the executor's work asks to be served.
    mutating func noteOffered(_ seconds: Double, at now: Double) {
        fade(to: now)
        offered[Self.place(of: seconds)] += seconds
    }

    /// It could not have been served, whatever it costs.
    mutating func takeBack(_ seconds: Double) {
        let place = Self.place(of: seconds)
        offered[place] = max(offered[place] - seconds, 0)
    }

    /// It was taken in.
    mutating func noteAdmitted(_ seconds: Double, at now: Double) {
        fade(to: now)
        admitted[Self.place(of: seconds)] += seconds
    }

    /// Whether requests that cost less leave no room for another that costs so much: those, and what was taken in of its class
    /// and dearer ones, come to more than the executor has, and these to `fairPart` of it at least.
    func isOutbid(_ seconds: Double, fairPart: Double) -> Bool {
        let place = Self.place(of: seconds)
        let cheaper = offered[..<place].reduce(0, +) / OfferedLoad.memory
        let given = admitted[place...].reduce(0, +) / OfferedLoad.memory
        return cheaper > 0 && given >= max(Self.most - cheaper, fairPart)
    }

    private mutating func fade(to now: Double) {
        let factor = OfferedLoad.fading(over: now - notedAt)
        for place in offered.indices {
            offered[place] *= factor
            admitted[place] *= factor
        }
        notedAt = now
    }

    /// Straight between doublings, which is all that sorting needs.
    private static func place(of seconds: Double) -> Int {
        let times = max(seconds, leastSeconds) / leastSeconds
        guard times.isFinite else { return count - 1 }
        return min(Int((Double(times.exponent) + times.significand - 1) * classesPerDoubling), count - 1)
    }
}

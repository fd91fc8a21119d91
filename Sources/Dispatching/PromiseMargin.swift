/// How much more time than estimates and their margins say plans leave, learned from how promises are kept.
///
/// A margin by quantile looks at one batch or load at a time. What makes a whole plan late is what they have in common: a burst of
/// other work on the same processor. Each promise broken though its upload was over adds to what is left free; each kept one takes
/// a part of that away, so that about one in ``keptForBroken`` may be broken; and half of it is forgotten after ``halfLife``, as
/// nobody can keep a promise that was not made.
///
/// At first no promise was kept yet, and the machine has not shown what it does under load: until some are, plans leave
/// ``unprovenMost`` free. Without that a gateway that starts into an overload broke half of what it promised in its first
/// quarter of a second.
struct PromiseMargin: Sendable {
    /// The factor on planned seconds: at least 1, at most ``mostFactor``.
    func factor(at now: Double) -> Double { min(1 + faded(at: now) + unproven, Self.mostFactor) }

    private var excess = 0.0
    private var unproven = Self.unprovenMost
    private var notedAt = -Double.infinity

    private static let step = 0.02
    private static let keptForBroken = 200.0
    private static let mostFactor = 1.6
    private static let halfLife = 10.0
    private static let unprovenMost = 0.5
    /// What a kept promise leaves of what was unproven.
    private static let unprovenKept = 0.95

    /// An admitted request was answered in time.
    mutating func noteKept(at now: Double) {
        add(-Self.step / Self.keptForBroken, at: now)
        unproven = unproven > 0.001 ? unproven * Self.unprovenKept : 0
    }

    /// An admitted request was not, for no fault of its upload.
    mutating func noteBroken(at now: Double) { add(Self.step, at: now) }

    private mutating func add(_ change: Double, at now: Double) {
        excess = min(max(faded(at: now) + change, 0), Self.mostFactor - 1)
        notedAt = now
    }

    private func faded(at now: Double) -> Double {
        excess > 0 ? excess * HalfLife.powerOfTwo(-min(max(now - notedAt, 0) / Self.halfLife, 500)) : 0
    }
}

/// How many requests ended how in each of the last seconds.
struct OutcomeHistory: Equatable, Sendable {
    /// How a request ended, as far as it is drawn.
    enum Kind: Int, CaseIterable, Sendable {
        case inTime
        case late
        case failed
        case rejected
    }

    /// One second.
    struct Step: Equatable, Sendable {
        private var counts = SIMD4<Int>()

        /// How many ended so.
        subscript(kind: Kind) -> Int {
            get { counts[kind.rawValue] }
            set { counts[kind.rawValue] = newValue }
        }
    }

    /// How many whole seconds are kept.
    static let length = 60

    /// A ring with one place more than is kept: the current second is not whole yet.
    private var steps = [Step](repeating: Step(), count: Self.length + 1)
    private var second: Int64 = 0

    /// Counts one end in the second `now`.
    mutating func count(_ kind: Kind, at now: Int64) {
        advance(to: now)
        steps[Self.place(of: second)][kind] += 1
    }

    /// The last whole seconds before `now`, the oldest first.
    func recent(at now: Int64) -> [Step] {
        var copy = self
        copy.advance(to: now)
        return (1...Int64(Self.length)).reversed().map { copy.steps[Self.place(of: copy.second - $0)] }
    }

    /// Empties the places of the seconds that have begun since; time never goes back.
    private mutating func advance(to now: Int64) {
        guard now > second else { return }
        if now - second > Int64(Self.length) {
            self = OutcomeHistory()
        } else {
            for passed in (second + 1)...now { steps[Self.place(of: passed)] = Step() }
        }
        second = now
    }

    private static func place(of second: Int64) -> Int {
        let count = Int64(length + 1)
        return Int(((second % count) + count) % count)
    }
}

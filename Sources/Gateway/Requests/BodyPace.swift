internal import ServingCore

/// How much memory a body that arrives is likely to need next: what has arrived, and what its pace brings in a second.
///
/// A body that has just begun is believed what it announces, since all of it may be here in a moment.
struct BodyPace: Sendable {
    private let announced: Int
    private var window: (start: MonotonicInstant, received: Int)?
    /// The bytes per second of the last whole window; nil before the first has ended.
    private var rate: Double?

    /// How long a body is watched before its pace is believed.
    static let windowSpan = Duration.milliseconds(500)
    /// The least that is held beyond what has arrived; several times what one read brings.
    static let step = 64 << 10

    init(announced: Int) {
        self.announced = announced
    }

    /// How many bytes are to be held for the body, of which `received` are here at `now`.
    mutating func claim(received: Int, at now: MonotonicInstant) -> Int {
        let start = window ?? (now, received)
        window = start
        let span = start.start.seconds(to: now)
        if span >= Self.windowSpan.inSeconds {
            rate = Double(received - start.received) / span
            window = (now, received)
        }
        guard let rate else { return announced }
        let rest = announced - received
        return rest <= Self.step || rate >= Double(rest) ? announced : received + max(Self.step, Int(rate))
    }
}

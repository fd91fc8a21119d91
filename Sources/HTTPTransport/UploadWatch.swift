import ServingCore

/// Finds uploads that do not get on, from looks at them at intervals.
struct UploadWatch: Sendable {
    private var started: MonotonicInstant?
    private var progressed: MonotonicInstant?
    private var lastReceived = 0

    /// The upload is held by us at `now`: no byte can be asked of it.
    mutating func held(at now: MonotonicInstant) {
        progressed = now
    }

    /// Whether an upload gets on of which `received` bytes are there at `now`.
    ///
    /// An upload that runs free must keep up with `minimumRate` after `grace`; one that is held to a rate must only
    /// show some byte every `idleTimeout`, since its rate is not its own choice.
    mutating func isFine(
        received: Int,
        isPaced: Bool,
        at now: MonotonicInstant,
        _ configuration: HTTPServerConfiguration
    ) -> Bool {
        let start = started ?? now
        started = start
        if received > lastReceived || progressed == nil {
            lastReceived = received
            progressed = now
        }
        guard !isPaced else {
            return (progressed ?? now).duration(to: now) <= configuration.idleTimeout
        }
        let due = configuration.bodyGrace.inSeconds + Double(received) / Double(max(1, configuration.minimumBodyRate))
        return start.seconds(to: now) <= due
    }
}

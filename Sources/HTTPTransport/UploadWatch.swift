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

    /// Takes note that `received` bytes are there at `now`, and says since when no more came.
    mutating func look(received: Int, at now: MonotonicInstant) -> Duration {
        if started == nil { started = now }
        if received > lastReceived || progressed == nil {
            lastReceived = received
            progressed = now
        }
        return (progressed ?? now).duration(to: now)
    }

    /// Whether the upload gets on well enough, by the last ``look(received:at:)`` that was at `now`.
    ///
    /// An upload that runs free must keep up with the least rate after a grace; one that is held to a rate must only show some
    /// byte within the idle time, since its rate is not its own choice.
    func isFine(isPaced: Bool, at now: MonotonicInstant, _ configuration: HTTPServerConfiguration) -> Bool {
        if isPaced { return (progressed ?? now).duration(to: now) <= configuration.idleTimeout }
        let transfer = Double(lastReceived) / Double(max(1, configuration.minimumBodyRate))
        return (started ?? now).seconds(to: now) <= configuration.bodyGrace.inSeconds + transfer
    }
}

import ServingCore

/// The configuration's durations that every event needs, in seconds: to convert them each time costs percents of an event.
struct IntervalSeconds: Sendable {
    let safetySlack: Double
    let uploadReserve: Double
    let planning: Double

    init(_ configuration: DispatcherConfiguration) {
        safetySlack = configuration.safetySlack.inSeconds
        uploadReserve = configuration.uploadReserve.inSeconds
        planning = configuration.planningInterval.inSeconds
    }
}

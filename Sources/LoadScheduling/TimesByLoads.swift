/// The times of a ``ScheduleTimeline`` as they would be if the uplink had no limit.
struct TimesByLoads: Sendable {
    var entries: [ScheduleTimeline.Entry] = []
    var end = 0.0
    var loaderEnd = 0.0
    var exceedsMemory = false
}

/// When lanes are free for a batch, as if the uplink had no limit.
extension ScheduleTimeline {
    /// When a lane would be free for a batch at `index` if the uplink had no limit, of the batches it was computed for.
    public func laneFreeByLoads(at index: Int, from state: ServerState) -> Double {
        if index < lanesFreeByLoads.count { return lanesFreeByLoads[index] }
        return index > 0 ? finishesByLoads[index - 1] : max(state.executorFree, state.now)
    }

    /// Notes when a lane is free for the batch at hand, where that does not follow from the batch before.
    mutating func noteLanes(_ pass: TimelinePass) {
        if !isDelayed, pass.lanes.count > 1 { lanesFreeByLoads.append(pass.lanes.earliest) }
    }
}

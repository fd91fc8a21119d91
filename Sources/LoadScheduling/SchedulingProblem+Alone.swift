import ServingCore

extension SchedulingProblem {
    /// Why a request cannot be served even if it is the only one; nil where it can.
    ///
    /// What stands in the way alone stands in the way in every schedule: each block that is missing at first is loaded before
    /// the request starts whoever it is loaded for, and company only shortens the time to upload in.
    /// - Complexity: O(blocks of the model).
    public func obstacleAlone(_ request: Int) -> LoadSchedule.UnservedReason? {
        let request = requests[request]
        let model = server.models[request.model]
        guard server.bytes(ofModel: request.model) <= server.memoryBytes else { return .memory }
        // Without overlap a load starts when what runs has finished, whatever was loaded beside it.
        var loaded = max(server.overlap ? state.loaderFree : state.executorFree, state.now)
        var isMissing = false
        for block in model.blocks where !state.resident.contains(block) {
            loaded += server.blocks[block].loadSeconds
            isMissing = true
        }
        let ready = isMissing ? loaded : state.now
        let start = max(max(ready, state.executorFree), max(request.uploadEnd, state.now))
        let latest = request.deadline - model.seconds(batch: 1)
        guard start <= latest + 1e-9 else { return .deadline }
        guard request.uplinkWork > 0, server.uplink.rawValue.isFinite else { return nil }
        return request.uplinkWork <= server.uplink.rawValue * (latest - state.now) * (1 + 1e-12) ? nil : .uplink
    }

    /// The weight of all requests that can be served alone: an upper bound of any schedule's.
    public var weightServableAlone: Double {
        requests.indices.reduce(0) { $0 + (obstacleAlone($1) == nil ? requests[$1].weight : 0) }
    }
}

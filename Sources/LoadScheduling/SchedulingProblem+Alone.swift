import ServingCore

extension SchedulingProblem {
    /// Why a request cannot be served even if it is the only one; nil where it can.
    ///
    /// What stands in the way alone stands in the way in every schedule: each block that is missing at first is loaded before
    /// the request starts whoever it is loaded for, and company only shortens the time to upload in.
    /// - Complexity: O(blocks of the model).
    public func obstacleAlone(_ request: Int) -> LoadSchedule.UnservedReason? {
        obstacle(to: requests[request], ready: readyAlone(requests[request].model))
    }

    /// When a batch of `model` could start if it came first; nil where it does not fit in memory.
    fileprivate func readyAlone(_ model: Int) -> Double? {
        guard server.bytes(ofModel: model) <= server.memoryBytes else { return nil }
        // Without overlap a load starts when what runs has finished, whatever was loaded beside it.
        var loaded = max(server.overlap ? state.loaderFree : state.executorFree, state.now)
        var isMissing = false
        for block in server.models[model].blocks where !state.resident.contains(block) {
            loaded += server.blocks[block].loadSeconds
            isMissing = true
        }
        return max(isMissing ? loaded : state.now, state.executorFree)
    }

    /// What stands in the way of `request` where a batch of its model could start at `ready`.
    fileprivate func obstacle(to request: Request, ready: Double?) -> LoadSchedule.UnservedReason? {
        guard let ready else { return .memory }
        let start = max(ready, max(request.uploadEnd, state.now))
        let latest = request.deadline - server.models[request.model].seconds(batch: 1)
        guard start <= latest + 1e-9 else { return .deadline }
        guard request.uplinkWork > 0, server.uplink.rawValue.isFinite else { return nil }
        return request.uplinkWork <= server.uplink.rawValue * (latest - state.now) * (1 + 1e-12) ? nil : .uplink
    }

    /// The requests that can be served alone.
    /// - Complexity: O(requests + blocks of the models asked for).
    var servableAlone: [Int] {
        var obstacles = AloneObstacles(self)
        return requests.indices.filter { obstacles.obstacle(to: $0) == nil }
    }

    /// The weight of all requests that can be served alone: an upper bound of any schedule's.
    public var weightServableAlone: Double { servableAlone.reduce(0) { $0 + requests[$1].weight } }
}

/// What ``SchedulingProblem/obstacleAlone(_:)`` says of many requests, with what follows from their models reckoned once.
struct AloneObstacles {
    private let problem: SchedulingProblem
    /// For each model asked about, when it could start.
    private var ready: [Double?]
    private var isKnown: [Bool]

    init(_ problem: SchedulingProblem) {
        self.problem = problem
        ready = Array(repeating: nil, count: problem.server.models.count)
        isKnown = Array(repeating: false, count: problem.server.models.count)
    }

    /// Why `request` cannot be served even alone; nil where it can.
    /// - Complexity: O(1), and O(blocks) the first time for a model.
    mutating func obstacle(to request: Int) -> LoadSchedule.UnservedReason? {
        let model = problem.requests[request].model
        if !isKnown[model] {
            isKnown[model] = true
            ready[model] = problem.readyAlone(model)
        }
        return problem.obstacle(to: problem.requests[request], ready: ready[model])
    }
}

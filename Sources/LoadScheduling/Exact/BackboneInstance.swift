import ServingCore

/// A problem of the backbone-sharing case: clusters of models with one backbone each, and one deadline for all.
struct BackboneInstance {
    /// One model of a cluster.
    struct Model {
        /// Its index in the problem.
        var model: Int
        /// Its requests, what needs least of the uplink first.
        var requests: [Int]
        /// For each count, what that many of its requests need of the uplink at least, in hertz seconds.
        var work: [Double]
        /// Seconds to load what it does not share.
        var ownSeconds: Double
        /// Seconds to load what is missing when it is the very first to run.
        var firstSeconds: Double
        /// Seconds of a batch by its size.
        var seconds: [Double]
    }

    /// Models with the same shared blocks.
    struct Cluster {
        var models: [Model]
        /// Seconds to load what its models share.
        var backboneSeconds: Double
    }

    let clusters: [Cluster]
    /// The common deadline.
    let deadline: Double
    /// When the executor is free.
    let start: Double
    let now: Double
    /// W, with the rounding a timeline allows.
    let uplink: Double
    /// Whether uploads take turns on the whole uplink.
    let hasTurns: Bool
    let requestCount: Int
    /// What each request is worth.
    let weight: Double

    /// Why `problem` is surely not of this case, as far as that is seen at once: most are not for their mode or two deadlines.
    static func quickObstacle(in problem: SchedulingProblem) -> BackboneObstacle? {
        if problem.server.reuse != .consecutive { return .reuseIsNotConsecutive }
        if problem.server.overlap { return .loadsOverlap }
        guard problem.state.pinned.isEmpty else { return nil }
        var obstacles = AloneObstacles(problem)
        var first: SchedulingProblem.Request?
        for request in problem.requests.indices where obstacles.obstacle(to: request) == nil {
            let request = problem.requests[request]
            guard let first else {
                first = request
                continue
            }
            if request.weight != first.weight { return .weightsDiffer }
            if request.deadline != first.deadline { return .deadlinesDiffer }
        }
        return nil
    }

    /// Why `problem` is not of this case, in words; nil where it is.
    static func obstacle(in problem: SchedulingProblem, _ servable: [Int]) -> BackboneObstacle? {
        let server = problem.server
        if server.reuse != .consecutive { return .reuseIsNotConsecutive }
        if server.overlap { return .loadsOverlap }
        let requests = servable.map { problem.requests[$0] }
        guard let first = requests.first else { return nil }
        if requests.contains(where: { $0.weight != first.weight }) { return .weightsDiffer }
        if requests.contains(where: { $0.deadline != first.deadline }) { return .deadlinesDiffer }
        let start = max(problem.state.executorFree, problem.state.now)
        if requests.contains(where: { $0.uploadEnd > start }) { return .unpacedUploads }
        var counts: [Int: Int] = [:]
        for request in requests { counts[request.model, default: 0] += 1 }
        for (model, count) in counts where count > server.models[model].maximumBatchSize { return .batchesLimited }
        for group in LoadCharges.groups(counts.keys.sorted(), server) {
            var uses: [Int: Int] = [:]
            for model in group {
                for block in server.models[model].blocks { uses[block, default: 0] += 1 }
            }
            let partial = uses.filter { $0.value > 1 && $0.value < group.count }.keys.min()
            if let partial { return .partlySharedBlock(partial) }
        }
        return nil
    }

    /// Takes a problem for which ``obstacle(in:_:)`` is nil apart.
    init(_ problem: SchedulingProblem, _ servable: [Int]) {
        let server = problem.server
        var byModel: [Int: [Int]] = [:]
        for request in servable { byModel[problem.requests[request].model, default: []].append(request) }
        clusters = LoadCharges.groups(byModel.keys.sorted(), server).map { group in
            var shared = BlockSet()
            if group.count > 1 {
                shared = server.models[group[0]].blockSet
                for model in group { shared.formIntersection(server.models[model].blockSet) }
            }
            let models = group.map { Self.model($0, byModel[$0] ?? [], shared, problem) }
            return Cluster(models: models, backboneSeconds: Self.seconds(of: shared.indices, BlockSet(), server))
        }
        deadline = servable.first.map { problem.requests[$0].deadline + 1e-9 } ?? 0
        start = max(problem.state.executorFree, problem.state.now)
        now = problem.state.now
        uplink = server.uplink.rawValue * (1 + 1e-12)
        hasTurns = problem.hasVaryingShares
        requestCount = servable.count
        weight = servable.first.map { problem.requests[$0].weight } ?? 0
    }

    private static func model(
        _ index: Int,
        _ requests: [Int],
        _ shared: BlockSet,
        _ problem: SchedulingProblem
    ) -> Model {
        let server = problem.server
        let sorted = requests.sorted { (problem.requests[$0].uplinkWork, $0) < (problem.requests[$1].uplinkWork, $1) }
        var work = [0.0]
        for request in sorted { work.append(work[work.count - 1] + problem.requests[request].uplinkWork) }
        return Model(
            model: index,
            requests: sorted,
            work: work,
            ownSeconds: seconds(of: server.models[index].blocks, shared, server),
            firstSeconds: seconds(of: server.models[index].blocks, problem.state.resident, server),
            seconds: (0...sorted.count).map { server.models[index].seconds(batch: $0) }
        )
    }

    private static func seconds(of blocks: [Int], _ resident: BlockSet, _ server: EdgeServer) -> Double {
        blocks.reduce(0) { resident.contains($1) ? $0 : $0 + server.blocks[$1].loadSeconds }
    }
}

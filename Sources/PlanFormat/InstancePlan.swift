public import LoadScheduling

/// An instance of the planning problem as a file holds it: the problem by dense index, and the ids the indices stand for.
public struct InstancePlan: Hashable, Sendable {
    /// The problem; its times start at 0, the moment of planning.
    public var problem: SchedulingProblem
    /// For each block of the server, its id.
    public var blockIDs: [String]
    /// For each model of the server, its id.
    public var modelIDs: [String]
    /// For each request of the problem, its id.
    public var requestIDs: [String]
    /// Where the solvers that draw lots start.
    public var seed: UInt64

    /// Makes an instance from parts that fit together: one id for each block, model and request, each once in its list.
    public init(
        problem: SchedulingProblem,
        blockIDs: [String],
        modelIDs: [String],
        requestIDs: [String],
        seed: UInt64 = 0
    ) {
        self.problem = problem
        self.blockIDs = blockIDs
        self.modelIDs = modelIDs
        self.requestIDs = requestIDs
        self.seed = seed
    }

    /// Makes an instance of a problem without names: blocks `b0`, `b1`, ..., models `m0`, ..., requests `u0`, ...
    public init(numbering problem: SchedulingProblem, seed: UInt64 = 0) {
        self.init(
            problem: problem,
            blockIDs: problem.server.blocks.indices.map { "b\($0)" },
            modelIDs: problem.server.models.indices.map { "m\($0)" },
            requestIDs: problem.requests.indices.map { "u\($0)" },
            seed: seed
        )
    }
}

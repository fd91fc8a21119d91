internal import ServingCore

/// Whether a model can be served and, if not, why: the one answer that index, readiness, refusals, page, metrics and log show.
struct ModelState: Equatable, Sendable {
    /// Why requests for the model are refused; nil where it can be served.
    private(set) var obstacle: ServingError?
    /// What is wrong with its files although it can be served; nil where nothing is.
    private(set) var remark: String?
    /// Whether only trying to load it again can tell that it can be served after all.
    private(set) var isWorthTrying = false

    /// A model that nothing is wrong with.
    static let ready = ModelState()

    private init() {}

    /// Decides from what the store says of the model, the loads of its blocks that failed, and the memory there is.
    ///
    /// - Parameters:
    ///   - problem: what is wrong with its manifest or its files, where something is.
    ///   - blocks: what it is made of; nil for a model that was never read whole.
    ///   - loads: what loading blocks showed so far.
    ///   - limit: the memory for blocks.
    init(problem: StoreProblem?, blocks: [ParameterBlock]?, loads: LoadFindings, limit: ByteCount) {
        remark = problem?.reason
        guard let blocks, problem?.isServable != false else {
            obstacle = .unavailable(problem?.reason ?? "it cannot be read")
            return
        }
        let needed = blocks.reduce(ByteCount.zero) { $0 + (loads.sizes[$1.id] ?? $1.size) }
        if needed > limit {
            obstacle = ServingError(
                .memoryUnavailable,
                "the model takes \(needed.rawValue) bytes of memory, of which there are \(limit.rawValue)"
            )
        } else if let failure = blocks.lazy.compactMap({ loads.failures[$0.id] }).first {
            obstacle = .unavailable(failure.message)
            isWorthTrying = true
        }
    }

    /// Whether requests are taken.
    var isReady: Bool { obstacle == nil }

    /// Why it is in this state, for people; empty where there is nothing to say.
    var reason: String { obstacle?.message ?? remark ?? "" }
}

/// What is wrong with the files of a model.
struct StoreProblem: Equatable, Sendable {
    /// What is wrong, without paths of this machine.
    var reason: String
    /// Whether the model can be served as it was read before.
    var isServable: Bool
}

extension ServingError {
    fileprivate static func unavailable(_ reason: String) -> ServingError {
        ServingError(.modelUnavailable, reason)
    }
}

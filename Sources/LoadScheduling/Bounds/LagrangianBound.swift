import ServingCore

/// The Lagrangian relaxation of time and uplink behind ``SchedulingBound``: prices on time and bandwidth, models on their own.
///
/// Given prices, every model picks its best batches by itself: how many, by which moment each must end, who is in them.
/// What that is worth, plus what the resources cost, is an upper bound for any prices; the rest is looking for good ones.
struct LagrangianBound {
    /// A request as its model sees it.
    struct Candidate {
        /// The first moment at or after its deadline.
        var moment: Int
        var weight: Double
        /// Share of the uplink it needs times the seconds it has (D_k / (e_k W)).
        var work: Double
        /// Seconds from now to the latest start it could have alone.
        var window: Double
    }

    /// A requested model.
    struct Model {
        var candidates: [Candidate]
        var base: Double
        var item: Double
        /// What its first batch loads whatever else is used.
        var ownLoad: Double
    }

    /// The moments, in seconds from now, ascending.
    var moments: [Double] = []
    var models: [Model] = []
    /// What is paid once by several models: seconds and members.
    var shared: [LoadCharges.Shared] = []
    /// For each shared charge and member, the part it carries; each row sums to the charge.
    var parts: [[Double]] = []
    let overlap: Bool
    /// Seconds the executor has until each moment (with the loads, without overlap).
    var executorRoom: [Double] = []
    /// Seconds the loader has until each moment.
    var loaderRoom: [Double] = []
    /// Price of a second until each moment.
    var executorPrice: [Double] = []
    var loaderPrice: [Double] = []
    /// Price of the whole uplink; where uploads take turns ``turnPrice`` stands for it.
    var uplinkPrice = 0.0
    /// Seconds of uploads with the whole uplink there is room for until each moment, where uploads take turns.
    var turnRoom: [Double] = []
    /// Price of such a second, and what one used up by each moment costs at all moments from there on.
    var turnPrice: [Double] = []
    var turnCost: [Double] = []
    /// What the models' choices use at the prices at hand.
    var use = Use()
    /// Whether constant shares have to fit on an uplink.
    let hasUplink: Bool
    /// Whether uploads take turns on an uplink.
    let hasTurns: Bool

    /// What a choice of batches uses.
    struct Use {
        var executor: [Double] = []
        var loader: [Double] = []
        var uplink = 0.0
        var turns: [Double] = []
        var usesModel: [Bool] = []
    }

    /// Not more moments than this: each adds to the cost and little to the bound.
    static let maximumMoments = 8

    init(_ problem: SchedulingProblem, _ servable: [Int], _ charges: LoadCharges) {
        overlap = problem.server.overlap
        let capacity = problem.server.uplink.rawValue
        hasTurns = problem.hasVaryingShares && capacity > 0
        hasUplink = !hasTurns && capacity.isFinite && capacity > 0
        let now = problem.state.now
        chooseMoments(servable.map { problem.requests[$0].deadline - now }.sorted())
        var number: [Int: Int] = [:]
        for request in servable {
            let request = problem.requests[request]
            let model = problem.server.models[request.model]
            if number[request.model] == nil {
                number[request.model] = models.count
                let own = charges.own[request.model]
                models.append(Model(candidates: [], base: model.baseSeconds, item: model.itemSeconds, ownLoad: own))
            }
            let deadline = request.deadline - now
            let candidate = Candidate(
                moment: moments.firstIndex { $0 >= deadline } ?? moments.count - 1,
                weight: request.weight,
                work: hasUplink || hasTurns ? request.uplinkWork / capacity : 0,
                window: deadline - model.seconds(batch: 1) + Self.slack
            )
            models[number[request.model] ?? 0].candidates.append(candidate)
        }
        for index in models.indices { models[index].candidates.sort { $0.moment < $1.moment } }
        takeCharges(charges, number)
        setRooms(problem, charges.allowance)
        executorPrice = Array(repeating: 0, count: moments.count)
        loaderPrice = executorPrice
        turnPrice = executorPrice
        turnCost = executorPrice
    }

    /// Rounding in the sums of a schedule never makes the bound invalid.
    static let slack = 1e-8

    private mutating func chooseMoments(_ deadlines: [Double]) {
        let count = min(Self.maximumMoments, deadlines.count)
        for index in 1...max(count, 1) {
            let deadline = deadlines[index * deadlines.count / max(count, 1) - 1]
            if deadline > moments.last ?? -.infinity { moments.append(deadline) }
        }
    }

    private mutating func takeCharges(_ charges: LoadCharges, _ number: [Int: Int]) {
        let weights = models.map { $0.candidates.reduce(0) { $0 + $1.weight } }
        for charge in charges.shared {
            let members = charge.members.compactMap { number[$0] }
            guard !members.isEmpty, charge.seconds > 0 else { continue }
            shared.append(LoadCharges.Shared(seconds: charge.seconds, members: members))
            let total = members.reduce(0) { $0 + weights[$1] }
            parts.append(
                members.map { member in
                    guard total > 0 else { return charge.seconds / Double(members.count) }
                    return charge.seconds * weights[member] / total
                }
            )
        }
    }

    private mutating func setRooms(_ problem: SchedulingProblem, _ allowance: Double) {
        let state = problem.state
        let executor = max(state.executorFree - state.now, 0)
        let loader = max(state.loaderFree - state.now, 0)
        let shortest = models.map { $0.base + $0.item }.min() ?? 0
        for moment in moments {
            executorRoom.append(max(moment - executor, 0) + Self.slack + (overlap ? 0 : allowance))
            loaderRoom.append(max(moment - loader - shortest, 0) + Self.slack + allowance)
            turnRoom.append(max(moment - shortest, 0) * (1 + 1e-9) + Self.slack)
        }
    }
}

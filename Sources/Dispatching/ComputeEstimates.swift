/// What batches take: each model's estimate, times the pace of the machine; and what a batch beside a load takes longer.
///
/// Models whose blocks have the same sizes in the same order are of one kind and share what is learned: they are fine-tuned from
/// one backbone, each runs seldom, and how much single batches vary says more about the moment than about the model.
struct ComputeEstimates: Sendable {
    private struct Kind {
        var shape: [Int]
        var estimate: ComputeEstimate
        var members: [Int]
    }

    private var kinds: [Kind] = []
    private var kindOfModel: [Int] = []
    private var kindOfShape: [[Int]: Int] = [:]
    /// Kinds without models, for others to have.
    private var freeKinds: [Int] = []
    private(set) var pace = Pace()
    private(set) var contention = Contention()
    private(set) var margin = QuantileMargin()
    private let configuration: EstimateConfiguration

    init(_ configuration: EstimateConfiguration) {
        self.configuration = configuration
    }

    /// The factor from a model's own estimate to what is planned with, beside what plans leave free of all.
    var planFactor: Double { meanFactor * margin.factor }

    /// The factor from a model's own estimate to the mean, as batches usually run.
    var meanFactor: Double { pace.factor * contention.typicalFactor }

    /// What one model takes while nothing loads, the pace of the machine left out.
    subscript(model: Int) -> ComputeEstimate { kinds[kindOfModel[model]].estimate }

    /// The models that share what is learned of `model`, itself among them.
    func alike(_ model: Int) -> [Int] { kinds[kindOfModel[model]].members }

    /// Adds a model of this shape: the sizes of its blocks and how it takes requests.
    ///
    /// It shares what is known of such models unless it was measured to be different.
    mutating func append(_ estimate: ComputeEstimate, shape: [Int]) {
        kindOfModel.append(-1)
        enter(kindOfModel.count - 1, estimate, shape)
    }

    /// Lets `model` be another from now on.
    mutating func replace(_ model: Int, with estimate: ComputeEstimate, shape: [Int]) {
        let kind = kindOfModel[model]
        kinds[kind].members.removeAll { $0 == model }
        if kinds[kind].members.isEmpty {
            if kindOfShape[kinds[kind].shape] == kind { kindOfShape[kinds[kind].shape] = nil }
            freeKinds.append(kind)
        }
        enter(model, estimate, shape)
    }

    private mutating func enter(_ model: Int, _ estimate: ComputeEstimate, _ shape: [Int]) {
        if let kind = kindOfShape[shape], kinds[kind].estimate.isAlike(estimate) {
            kinds[kind].estimate.takeIn(estimate)
            kinds[kind].members.append(model)
            kindOfModel[model] = kind
            return
        }
        let new = Kind(shape: shape, estimate: estimate, members: [model])
        let kind = freeKinds.popLast() ?? kinds.count
        if kind < kinds.count { kinds[kind] = new } else { kinds.append(new) }
        kindOfShape[shape] = kindOfShape[shape] ?? kind
        kindOfModel[model] = kind
    }

    /// How many kinds there is memory for.
    var capacity: Int { kinds.count }

    /// Mean seconds of a batch, as batches usually run.
    func seconds(of model: Int, runs: Int = 1, requests: Int) -> Double {
        self[model].seconds(runs: runs, requests: requests) * meanFactor
    }

    /// Mean seconds of a batch that starts now, beside a load or not.
    func seconds(of model: Int, runs: Int, requests: Int, isBeside: Bool) -> Double {
        self[model].seconds(runs: runs, requests: requests) * pace.factor * contention.factor(isBeside: isBeside)
    }

    /// Takes in what a batch took, `overlap` of it beside a load.
    mutating func observe(
        _ seconds: Double,
        of model: Int,
        runs: Int,
        requests: Int,
        overlap: Double,
        wasBeside: Bool,
        at now: Double
    ) {
        let quiet = self[model].seconds(runs: runs, requests: requests) * pace.factor
        guard quiet > 0, seconds >= 0 else { return }
        let smoothing = configuration.smoothing
        margin.observe(ratio: seconds / (quiet * contention.typicalFactor), quantile: configuration.marginQuantile)
        let slowdown = contention.factor(overlap: overlap)
        kinds[kindOfModel[model]].estimate.observe(
            seconds / (slowdown * pace.factor),
            runs: runs,
            requests: requests,
            at: now,
            smoothing: smoothing
        )
        pace.observe(ratio: seconds / (slowdown * quiet), weight: smoothing / 2)
        contention.observe(ratio: seconds / quiet, overlap: overlap, wasBeside: wasBeside, smoothing: smoothing)
    }

    mutating func relaxIfStale(_ model: Int, at now: Double, staleAfter: Double) -> Bool {
        kinds[kindOfModel[model]].estimate.relaxIfStale(at: now, staleAfter: staleAfter)
    }
}

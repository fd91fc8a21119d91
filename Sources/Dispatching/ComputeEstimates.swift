/// What batches take: each model's estimate, times the pace of the machine; and what a batch beside a load, or beside those of other
/// lanes, takes longer.
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
    /// What other lanes that are busy cost a batch; overlap is the part of them.
    private(set) var lanes: Contention
    private(set) var margin = QuantileMargin()
    private let configuration: EstimateConfiguration

    init(_ configuration: EstimateConfiguration, lanes: Int = 1) {
        self.configuration = configuration
        self.lanes = Contention(cost: configuration.laneSlowdown, mostCost: Double(max(lanes, 4) - 1))
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

    /// Mean seconds of a batch that starts now, beside a load or not, with `busyPart` of the other lanes at work.
    func seconds(of model: Int, runs: Int, requests: Int, isBeside: Bool, busyPart: Double) -> Double {
        self[model].seconds(runs: runs, requests: requests) * pace.factor * contention.factor(isBeside: isBeside)
            * lanes.factor(overlap: busyPart)
    }

    /// Takes in what a batch took.
    mutating func observe(_ batch: CostModel.BatchSample, at now: Double) {
        let (model, runs, requests, seconds) = (batch.model, batch.runs, batch.requests, batch.seconds)
        let quiet = self[model].seconds(runs: runs, requests: requests) * pace.factor
        guard quiet > 0, seconds >= 0 else { return }
        let smoothing = configuration.smoothing
        let planned = quiet * contention.typicalFactor * lanes.factor(overlap: batch.busyPartAtStart)
        margin.observe(ratio: seconds / planned, quantile: configuration.marginQuantile)
        let byLoads = contention.factor(overlap: batch.overlap)
        let byLanes = lanes.factor(overlap: batch.busyPart)
        let slowdown = byLoads * byLanes
        kinds[kindOfModel[model]].estimate.observe(
            seconds / (slowdown * pace.factor),
            runs: runs,
            requests: requests,
            at: now,
            smoothing: smoothing
        )
        pace.observe(ratio: seconds / (slowdown * quiet), weight: smoothing / 2)
        contention.observe(
            ratio: seconds / (quiet * byLanes),
            overlap: batch.overlap,
            wasBeside: batch.wasBeside,
            smoothing: smoothing
        )
        guard batch.busyPart > 0 else { return }
        lanes.observe(
            ratio: seconds / (quiet * byLoads),
            overlap: batch.busyPart,
            wasBeside: batch.busyPartAtStart > 0,
            smoothing: smoothing
        )
    }

    mutating func relaxIfStale(_ model: Int, at now: Double, staleAfter: Double) -> Bool {
        kinds[kindOfModel[model]].estimate.relaxIfStale(at: now, staleAfter: staleAfter)
    }
}

/// What batches take: each model's own estimate, times the pace of the machine; and what a batch beside a load takes longer.
struct ComputeEstimates: Sendable {
    private(set) var models: [ComputeEstimate] = []
    private(set) var pace = Pace()
    private(set) var contention = Contention()
    private(set) var margin = QuantileMargin()
    private let configuration: EstimateConfiguration

    init(_ configuration: EstimateConfiguration) {
        self.configuration = configuration
    }

    /// The factor from a model's own estimate to what is planned with.
    var planFactor: Double { meanFactor * margin.factor }

    /// The factor from a model's own estimate to the mean, as batches usually run.
    var meanFactor: Double { pace.factor * contention.typicalFactor }

    mutating func append(_ estimate: ComputeEstimate) { models.append(estimate) }

    /// Mean seconds of a batch, as batches usually run.
    func seconds(of model: Int, runs: Int = 1, requests: Int) -> Double {
        models[model].seconds(runs: runs, requests: requests) * meanFactor
    }

    /// Mean seconds of a batch that starts now, beside a load or not.
    func seconds(of model: Int, runs: Int, requests: Int, isBeside: Bool) -> Double {
        models[model].seconds(runs: runs, requests: requests) * pace.factor * contention.factor(isBeside: isBeside)
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
        let quiet = models[model].seconds(runs: runs, requests: requests) * pace.factor
        guard quiet > 0, seconds >= 0 else { return }
        let smoothing = configuration.smoothing
        margin.observe(ratio: seconds / (quiet * contention.typicalFactor), quantile: configuration.marginQuantile)
        let slowdown = contention.factor(overlap: overlap)
        models[model].observe(
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
        models[model].relaxIfStale(at: now, staleAfter: staleAfter)
    }
}

/// What a batch of one model takes: `base * runs + item * requests`, learned from what was observed.
///
/// Each observation moves the estimate a part of the way towards itself; the correction goes to base and item in proportion to
/// the square of what each contributed (a normalised least-mean-squares step in relative terms), so it stays positive and needs no
/// matrix, and batches of different sizes tell the two apart. The mean relative error of the estimate is its margin's measure.
struct ComputeEstimate: Sendable {
    /// Mean seconds of each tensor run.
    private(set) var base: Double
    /// Mean seconds each request adds.
    private(set) var item: Double
    /// Mean absolute error relative to the estimate.
    private(set) var deviation = 0.1
    /// When the last observation came, in seconds; at first, when the model came into the catalog.
    private(set) var lastObserved: Double
    private var observations = 0

    init(base: Double, item: Double, at now: Double) {
        self.base = base
        self.item = item
        lastObserved = now
    }

    func seconds(runs: Int, requests: Int) -> Double { base * Double(runs) + item * Double(requests) }

    /// The factor that turns a mean into an estimate with margin; at most 3.
    func margin(_ configuration: EstimateConfiguration) -> Double {
        1 + min(configuration.marginDeviations * deviation, 2)
    }

    mutating func observe(
        _ seconds: Double,
        runs: Int,
        requests: Int,
        at now: Double,
        _ configuration: EstimateConfiguration
    ) {
        let ofBase = base * Double(runs)
        let ofItem = item * Double(requests)
        let predicted = ofBase + ofItem
        guard predicted > 0, seconds >= 0 else { return }
        lastObserved = now
        observations += 1
        // An outlier counts as four times the estimate; a lasting change still arrives within a few observations.
        let error = min(seconds, predicted * 4) - predicted
        let weight = max(configuration.smoothing, 0.8 / Double(observations))
        let norm = ofBase * ofBase + ofItem * ofItem
        base *= max(1 + weight * error * ofBase / norm, 0.05)
        item *= max(1 + weight * error * ofItem / norm, 0.05)
        let relative = min(abs(error) / predicted, 1)
        deviation += max(configuration.smoothing / 2, 1 / Double(observations + 4)) * (relative - deviation)
    }

    /// Halves an estimate that nothing has confirmed for `configuration.staleAfter`; says whether it did.
    mutating func relaxIfStale(at now: Double, staleAfter: Double) -> Bool {
        guard now - lastObserved > staleAfter else { return false }
        lastObserved = now
        base /= 2
        item /= 2
        return true
    }
}

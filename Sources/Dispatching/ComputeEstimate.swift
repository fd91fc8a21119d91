/// What a batch of one model takes while nothing loads: `base * runs + item * requests`, learned from what was observed.
///
/// Each observation moves the estimate a part of the way towards itself; the correction goes to base and item in proportion to
/// the square of what each contributed (a normalised least-mean-squares step in relative terms), so it stays positive and needs no
/// matrix, and batches of different sizes tell the two apart.
struct ComputeEstimate: Sendable {
    /// Mean seconds of each tensor run.
    private(set) var base: Double
    /// Mean seconds each request adds.
    private(set) var item: Double
    /// When the last observation came, in seconds; before there was any, when it refused somebody first.
    private(set) var lastObserved: Double?
    private var observations: Int
    /// How many measurements of before it is made of.
    private var measurements: Int

    /// Starts from what was measured before, or from a guess, which the first observations nearly replace.
    init(base: Double, item: Double, isMeasured: Bool) {
        self.base = base
        self.item = item
        observations = isMeasured ? 2 : 0
        measurements = isMeasured ? 1 : 0
    }

    /// By what factor batches of one kind differ at most.
    private static let alikeWithin = 1.5

    /// Whether nothing says that `other` takes something else: one of the two was not measured, or both took about as long.
    func isAlike(_ other: ComputeEstimate) -> Bool {
        guard measurements > 0, other.measurements > 0 else { return true }
        let ratio = other.seconds(runs: 1, requests: 2) / seconds(runs: 1, requests: 2)
        return (1 / Self.alikeWithin...Self.alikeWithin).contains(ratio)
    }

    /// Takes in what was measured before of another model of its kind.
    mutating func takeIn(_ other: ComputeEstimate) {
        guard other.measurements > 0 else { return }
        measurements += 1
        let weight = 1 / Double(measurements)
        base += (other.base - base) * weight
        item += (other.item - item) * weight
        observations = max(observations, other.observations)
    }

    func seconds(runs: Int, requests: Int) -> Double { base * Double(runs) + item * Double(requests) }

    mutating func observe(_ seconds: Double, runs: Int, requests: Int, at now: Double, smoothing: Double) {
        let ofBase = base * Double(runs)
        let ofItem = item * Double(requests)
        let predicted = ofBase + ofItem
        guard predicted > 0, seconds >= 0 else { return }
        lastObserved = now
        observations += 1
        // An outlier counts as four times the estimate; a lasting change still arrives within a few observations.
        let error = min(seconds, predicted * 4) - predicted
        let weight = max(smoothing, 0.8 / Double(observations))
        let norm = ofBase * ofBase + ofItem * ofItem
        base *= max(1 + weight * error * ofBase / norm, 0.05)
        item *= max(1 + weight * error * ofItem / norm, 0.05)
    }

    /// Halves an estimate that nothing has confirmed for `staleAfter` seconds; says whether it did.
    mutating func relaxIfStale(at now: Double, staleAfter: Double) -> Bool {
        guard let since = lastObserved else {
            lastObserved = now
            return false
        }
        guard now - since > staleAfter else { return false }
        lastObserved = now
        base /= 2
        item /= 2
        return true
    }
}

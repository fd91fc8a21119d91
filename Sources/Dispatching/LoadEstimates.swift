/// How long each block takes to load while nothing computes: a guess from its bytes at first, then what was measured before or
/// observed, times the pace of the machine; and what a load beside a batch takes longer.
struct LoadEstimates: Sendable {
    private var means: [Double] = []
    private var isObserved: [Bool] = []
    /// Observed over guessed, for blocks that were never loaded.
    private(set) var guessScale = 1.0
    private(set) var pace = Pace()
    private(set) var contention = Contention()
    private(set) var margin = QuantileMargin()

    private let configuration: EstimateConfiguration

    init(_ configuration: EstimateConfiguration) {
        self.configuration = configuration
    }

    /// The factor from a mean to what is planned with; see ``plannedSeconds(of:)``.
    var planFactor: Double { pace.factor * contention.typicalFactor * margin.factor }

    /// Mean seconds of `block`, as loads usually run.
    func seconds(of block: Int) -> Double { quietSeconds(of: block) * contention.typicalFactor }

    /// Seconds of `block` with margin, as loads usually run.
    func plannedSeconds(of block: Int) -> Double { seconds(of: block) * margin.factor }

    /// Mean seconds of `block` while nothing computes.
    func quietSeconds(of block: Int) -> Double { mean(of: block) * pace.factor }

    private func mean(of block: Int) -> Double { isObserved[block] ? means[block] : means[block] * guessScale }

    /// Adds a block; `measured` is what loading it took before, where that is known.
    mutating func append(bytes: Int, measured: Double? = nil) {
        means.append(measured.map { max($0, 1e-9) } ?? guess(bytes: bytes))
        isObserved.append(measured != nil)
    }

    /// Takes in all loads of one order, `overlap` of it beside a batch.
    mutating func observe(_ loads: [(block: Int, bytes: Int, seconds: Double)], overlap: Double, wasBeside: Bool) {
        let actual = loads.reduce(0) { $0 + $1.seconds }
        let quiet = loads.reduce(0) { $0 + quietSeconds(of: $1.block) }
        guard actual > 0, quiet > 0 else { return }
        margin.observe(ratio: actual / (quiet * contention.typicalFactor), quantile: configuration.marginQuantile)
        let slowdown = contention.factor(overlap: overlap)
        for load in loads { learn(load.block, load.bytes, load.seconds / slowdown, part: load.seconds / actual) }
        contention.observe(
            ratio: actual / quiet,
            overlap: overlap,
            wasBeside: wasBeside,
            smoothing: configuration.smoothing
        )
    }

    /// One block took `quiet` seconds, what computing beside it cost taken off.
    private mutating func learn(_ block: Int, _ bytes: Int, _ quiet: Double, part: Double) {
        let predicted = max(quietSeconds(of: block), 1e-9)
        let ratio = min(max(quiet / predicted, 0.25), 4)
        if isObserved[block] {
            means[block] *= 1 + configuration.smoothing / 2 * (ratio - 1)
            pace.observe(ratio: ratio, weight: configuration.smoothing * part)
        } else {
            let guessed = guess(bytes: bytes)
            if guessed > 0 {
                let scale = min(quiet / pace.factor / guessed, 100)
                guessScale += configuration.smoothing / 4 * (scale - guessScale)
            }
            means[block] = quiet / pace.factor
            isObserved[block] = true
        }
    }

    /// Halves the estimate of a block that refused a request for too long without being tried.
    mutating func relax(_ block: Int) {
        means[block] /= 2
    }

    private func guess(bytes: Int) -> Double {
        configuration.loadSecondsPerBlock + Double(bytes) / max(configuration.loadBytesPerSecond, 1)
    }
}

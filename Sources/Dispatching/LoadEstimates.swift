/// How long each block takes to load: a guess from its bytes at first, then what was observed.
struct LoadEstimates: Sendable {
    private var means: [Double] = []
    private var isObserved: [Bool] = []
    /// Observed over guessed, for blocks that were never loaded.
    private(set) var guessScale = 1.0
    /// Mean absolute error of the estimates, relative to them.
    private(set) var deviation = 0.1

    private let configuration: EstimateConfiguration

    init(_ configuration: EstimateConfiguration) {
        self.configuration = configuration
    }

    /// The factor that turns a mean into an estimate with margin; at most 3.
    var margin: Double { 1 + min(configuration.marginDeviations * deviation, 2) }

    /// Mean seconds of `block`.
    func seconds(of block: Int) -> Double {
        isObserved[block] ? means[block] : means[block] * guessScale
    }

    /// Adds a block; `measured` is what loading it took before, where that is known.
    mutating func append(bytes: Int, measured: Double? = nil) {
        means.append(measured.map { max($0, 1e-9) } ?? guess(bytes: bytes))
        isObserved.append(measured != nil)
    }

    mutating func observe(_ seconds: Double, of block: Int, bytes: Int) {
        let predicted = max(self.seconds(of: block), 1e-9)
        let clipped = min(seconds, predicted * 4)
        let relative = min(abs(clipped - predicted) / predicted, 1)
        deviation += configuration.smoothing / 4 * (relative - deviation)
        let guessed = guess(bytes: bytes)
        if guessed > 0 { guessScale += configuration.smoothing / 4 * (min(seconds / guessed, 100) - guessScale) }
        if isObserved[block] {
            means[block] += configuration.smoothing * (clipped - means[block])
        } else {
            means[block] = seconds
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

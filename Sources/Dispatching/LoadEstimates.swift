/// How long each block takes to load while nothing computes: a guess from its bytes at first, then what was measured before or
/// observed, times the pace of the machine; and what a load beside a batch takes longer.
///
/// Blocks of exactly as many bytes are of one kind and share what is learned: models fine-tuned from one backbone have the same
/// shapes, each is loaded seldom, and how much single loads vary says more about the moment than about the block.
struct LoadEstimates: Sendable {
    /// What is known of the blocks of one kind.
    private struct Kind {
        /// What its blocks take.
        var bytes: Int
        var mean: Double
        var isObserved: Bool
        /// How many measurements of before ``mean`` is made of.
        var measurements: Int
        var members: [Int]
    }

    private var kinds: [Kind] = []
    private var kindOfBlock: [Int] = []
    private var kindOfBytes: [Int: Int] = [:]
    /// Kinds without blocks, for others to have.
    private var freeKinds: [Int] = []
    /// Observed over guessed, for blocks that were never loaded.
    private(set) var guessScale = 1.0
    private(set) var pace = Pace()
    private(set) var contention = Contention()
    private(set) var margin = QuantileMargin()

    private let configuration: EstimateConfiguration

    init(_ configuration: EstimateConfiguration) {
        self.configuration = configuration
    }

    /// The factor from a mean to what is planned with, beside what plans leave free of all; see ``plannedSeconds(of:)``.
    var planFactor: Double { pace.factor * contention.typicalFactor * margin.factor }

    /// Mean seconds of `block`, as loads usually run.
    func seconds(of block: Int) -> Double { quietSeconds(of: block) * contention.typicalFactor }

    /// Seconds of `block` with margin, as loads usually run.
    func plannedSeconds(of block: Int) -> Double { seconds(of: block) * margin.factor }

    /// Mean seconds of `block` while nothing computes.
    func quietSeconds(of block: Int) -> Double { mean(of: block) * pace.factor }

    private func mean(of block: Int) -> Double {
        let kind = kinds[kindOfBlock[block]]
        return kind.isObserved ? kind.mean : kind.mean * guessScale
    }

    /// The blocks that share what is learned of `block`, itself among them.
    func alike(_ block: Int) -> [Int] { kinds[kindOfBlock[block]].members }

    /// How many kinds there is memory for.
    var capacity: Int { kinds.count }

    /// Adds a block; `measured` is what loading it took before, where that is known.
    mutating func append(bytes: Int, measured: Double? = nil) {
        kindOfBlock.append(-1)
        enter(kindOfBlock.count - 1, bytes, measured)
    }

    /// Lets `block` be another from now on.
    mutating func replace(_ block: Int, bytes: Int, measured: Double?) {
        let kind = kindOfBlock[block]
        kinds[kind].members.removeAll { $0 == block }
        if kinds[kind].members.isEmpty {
            if kindOfBytes[kinds[kind].bytes] == kind { kindOfBytes[kinds[kind].bytes] = nil }
            freeKinds.append(kind)
        }
        enter(block, bytes, measured)
    }

    private mutating func enter(_ block: Int, _ bytes: Int, _ measured: Double?) {
        if let kind = kindOfBytes[bytes], takeIn(measured, kind) {
            kinds[kind].members.append(block)
            kindOfBlock[block] = kind
            return
        }
        let mean = measured.map { max($0, 1e-9) } ?? guess(bytes: bytes)
        let new = Kind(
            bytes: bytes,
            mean: mean,
            isObserved: measured != nil,
            measurements: measured == nil ? 0 : 1,
            members: [block]
        )
        let kind = freeKinds.popLast() ?? kinds.count
        if kind < kinds.count { kinds[kind] = new } else { kinds.append(new) }
        kindOfBytes[bytes] = kindOfBytes[bytes] ?? kind
        kindOfBlock[block] = kind
    }

    /// One more measurement of before; false where it says that the block is of another kind, for all its bytes.
    private mutating func takeIn(_ measured: Double?, _ kind: Int) -> Bool {
        guard let measured else { return true }
        guard kinds[kind].isObserved else {
            kinds[kind].mean = max(measured, 1e-9)
            (kinds[kind].isObserved, kinds[kind].measurements) = (true, 1)
            return true
        }
        let ratio = measured / kinds[kind].mean
        guard (1 / Self.alikeWithin...Self.alikeWithin).contains(ratio) else { return false }
        kinds[kind].measurements += 1
        kinds[kind].mean *= 1 + (ratio - 1) / Double(kinds[kind].measurements)
        return true
    }

    /// By what factor measurements of one kind differ at most.
    private static let alikeWithin = 2.0

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
        let kind = kindOfBlock[block]
        let predicted = max(quietSeconds(of: block), 1e-9)
        let ratio = min(max(quiet / predicted, 0.25), 4)
        if kinds[kind].isObserved {
            kinds[kind].mean *= 1 + configuration.smoothing / 2 * (ratio - 1)
            pace.observe(ratio: ratio, weight: configuration.smoothing * part)
        } else {
            let guessed = guess(bytes: bytes)
            if guessed > 0 {
                let scale = min(quiet / pace.factor / guessed, 100)
                guessScale += configuration.smoothing / 4 * (scale - guessScale)
            }
            kinds[kind].mean = quiet / pace.factor
            kinds[kind].isObserved = true
        }
    }

    /// Halves the estimate of a block, and of those alike, that refused a request for too long without being tried.
    mutating func relax(_ block: Int) {
        kinds[kindOfBlock[block]].mean /= 2
    }

    private func guess(bytes: Int) -> Double {
        configuration.loadSecondsPerBlock + Double(bytes) / max(configuration.loadBytesPerSecond, 1)
    }
}

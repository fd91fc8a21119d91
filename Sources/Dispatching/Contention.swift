/// How much longer one kind of work takes while another runs beside it: loads beside batches, batches beside loads, or batches beside
/// those of other lanes.
///
/// Both want the same processor. How long work takes is `quiet time * (1 + cost * overlap)`, overlap being the part of it
/// that ran beside the other. The cost is learned, and so is what overlap is to be expected, apart for work that starts beside the
/// other and work that does not.
struct Contention: Sendable {
    /// By what part work takes longer when all of it overlaps: nothing until it is seen, as a cost that is not there would let quiet
    /// estimates sink below what work takes.
    private(set) var cost: Double
    private var overlapBeside = 0.7
    private var overlapAlone = 0.2
    private var overlap = 0.4

    private let mostCost: Double

    /// Begins with a `cost`, which is never more than `mostCost`.
    init(cost: Double = 0, mostCost: Double = 3) {
        self.cost = min(max(cost, 0), mostCost)
        self.mostCost = mostCost
    }

    /// The factor on quiet time for work that starts now.
    func factor(isBeside: Bool) -> Double { 1 + cost * (isBeside ? overlapBeside : overlapAlone) }

    /// The factor on quiet time to plan with.
    var typicalFactor: Double { 1 + cost * overlap }

    /// The factor on quiet time that an observed overlap stands for.
    func factor(overlap: Double) -> Double { 1 + cost * overlap }

    /// Takes in that work took `ratio` times its quiet estimate, `overlap` of it beside the other kind.
    mutating func observe(ratio: Double, overlap seen: Double, wasBeside: Bool, smoothing: Double) {
        overlap += smoothing / 2 * (seen - overlap)
        if wasBeside {
            overlapBeside += smoothing * (seen - overlapBeside)
        } else {
            overlapAlone += smoothing * (seen - overlapAlone)
        }
        let error = min(ratio, 1 + mostCost) - (1 + cost * seen)
        // A normalised least-mean-squares step; little overlap says little of its cost.
        cost = min(max(cost + smoothing * error * seen / (seen * seen + 0.25), 0), mostCost)
    }
}

/// For how long one of the two has been at work, so that what overlapped can be told afterwards.
struct BusyTime: Sendable {
    private var total = 0.0
    private var since: Double?

    /// Seconds of work until `now`.
    func seconds(at now: Double) -> Double { total + (since.map { max(now - $0, 0) } ?? 0) }

    mutating func start(at now: Double) { since = since ?? now }

    mutating func stop(at now: Double) {
        total = seconds(at: now)
        since = nil
    }
}

/// How many seconds of batches all lanes have run together, so that what overlapped can be told afterwards.
struct LaneUse: Sendable {
    private var total = 0.0
    private var running = 0
    private var since = 0.0

    /// Seconds of batches until `now`.
    func seconds(at now: Double) -> Double { total + Double(running) * max(now - since, 0) }

    /// `running` batches run from `now` on.
    mutating func change(to running: Int, at now: Double) {
        total = seconds(at: now)
        (self.running, since) = (running, now)
    }
}

/// What the loader and the executor's lanes are at: each goes on at full speed alone, and slower while others work, too.
struct MachineWork: Sendable {
    /// Who works.
    enum Worker: Hashable, Sendable {
        case loader
        /// The lane of this number, from 0.
        case lane(Int)
    }

    private struct Job: Sendable {
        /// Seconds left at full speed.
        var left: Double
        var began: Double
        /// How many times as long it takes while loader and executor go on at once.
        var slowdown: Double
    }

    /// By how much longer a load or batch takes while the other goes on, as a part of what it takes alone.
    let contention: Double
    /// By how much longer a batch takes while all other lanes go on, as a part of what it takes alone.
    let laneSlowdown: Double
    private var load: Job?
    private var batches: [Job?]
    private var since = 0.0

    init(contention: Double, lanes: Int = 1, laneSlowdown: Double = 0) {
        self.contention = max(contention, 0)
        self.laneSlowdown = max(laneSlowdown, 0)
        batches = Array(repeating: nil, count: max(lanes, 1))
    }

    private var busyLanes: Int { batches.count { $0 != nil } }

    private var loadSpeed: Double {
        guard let load, busyLanes > 0 else { return 1 }
        return 1 / load.slowdown
    }

    private func speed(of lane: Int) -> Double {
        guard let batch = batches[lane] else { return 1 }
        let others = batches.count > 1 ? Double(busyLanes - 1) / Double(batches.count - 1) : 0
        return 1 / ((load != nil ? batch.slowdown : 1) * (1 + laneSlowdown * others))
    }

    /// Which worker is done next and when, if nothing else begins; a load before a batch, and a lower lane before a higher one of the same
    /// time. Nil where none works.
    var next: (worker: Worker, time: Double)? {
        var next = load.map { (worker: Worker.loader, time: since + $0.left / loadSpeed) }
        for lane in batches.indices {
            guard let batch = batches[lane] else { continue }
            let end = since + batch.left / speed(of: lane)
            if end < next?.time ?? .infinity { next = (.lane(lane), end) }
        }
        return next
    }

    /// Begins work that takes `seconds` alone, and `besideSeconds` if the other goes on all the time: as the contention says where
    /// that is nil.
    mutating func begin(_ worker: Worker, seconds: Double, besideSeconds: Double? = nil, at now: Double) {
        settle(at: now)
        let slowdown = besideSeconds.flatMap { seconds > 0 && $0 > 0 ? $0 / seconds : nil } ?? 1 + contention
        self[worker] = Job(left: seconds, began: now, slowdown: slowdown)
    }

    /// Ends a worker's job and gives the seconds it took.
    mutating func end(_ worker: Worker, at now: Double) -> Double {
        settle(at: now)
        defer { self[worker] = nil }
        return now - (self[worker]?.began ?? now)
    }

    private subscript(worker: Worker) -> Job? {
        get {
            switch worker {
            case .loader: load
            case .lane(let lane): batches[lane]
            }
        }
        set {
            switch worker {
            case .loader: load = newValue
            case .lane(let lane): batches[lane] = newValue
            }
        }
    }

    /// Lets what is under way stand still for `seconds`: the processors are at something else.
    mutating func interrupt(for seconds: Double, at now: Double) {
        settle(at: now)
        advance(by: -seconds)
    }

    private mutating func settle(at now: Double) {
        advance(by: now - since)
        since = now
    }

    /// Lets all that is under way go on for `seconds`, or back by as much.
    private mutating func advance(by seconds: Double) {
        let done = (load: loadSpeed * seconds, batches: batches.indices.map { speed(of: $0) * seconds })
        if let left = load?.left { load?.left = max(left - done.load, 0) }
        for lane in batches.indices {
            if let left = batches[lane]?.left { batches[lane]?.left = max(left - done.batches[lane], 0) }
        }
    }
}

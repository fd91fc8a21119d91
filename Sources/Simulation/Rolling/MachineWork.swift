/// What loader and executor are at: each goes on at full speed alone, and slower while the other works, too.
struct MachineWork: Sendable {
    /// Who works.
    enum Worker: Hashable, Sendable {
        case loader
        case executor
    }

    private struct Job: Sendable {
        /// Seconds left at full speed.
        var left: Double
        var began: Double

        func after(_ seconds: Double) -> Job { Job(left: max(left - seconds, 0), began: began) }
    }

    /// By how much longer a load or batch takes while the other goes on, as a part of what it takes alone.
    let contention: Double
    private var load: Job?
    private var batch: Job?
    private var since = 0.0

    init(contention: Double) {
        self.contention = max(contention, 0)
    }

    private var speed: Double { load != nil && batch != nil ? 1 / (1 + contention) : 1 }

    /// Who is done next and when, if nothing else begins; a load before a batch of the same time. Nil where nobody works.
    var next: (worker: Worker, time: Double)? {
        let loadEnd = load.map { since + $0.left / speed }
        let batchEnd = batch.map { since + $0.left / speed }
        if let loadEnd, loadEnd <= batchEnd ?? .infinity { return (.loader, loadEnd) }
        return batchEnd.map { (.executor, $0) }
    }

    /// Begins work that takes `seconds` alone.
    mutating func begin(_ worker: Worker, seconds: Double, at now: Double) {
        settle(at: now)
        let job = Job(left: seconds, began: now)
        if worker == .loader { load = job } else { batch = job }
    }

    /// Ends a worker's job and gives the seconds it took.
    mutating func end(_ worker: Worker, at now: Double) -> Double {
        settle(at: now)
        defer { if worker == .loader { load = nil } else { batch = nil } }
        return now - ((worker == .loader ? load : batch)?.began ?? now)
    }

    private mutating func settle(at now: Double) {
        let done = (now - since) * speed
        load = load.map { $0.after(done) }
        batch = batch.map { $0.after(done) }
        since = now
    }
}

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
        /// How many times as long it takes while the other goes on.
        var slowdown: Double

        func after(_ seconds: Double) -> Job {
            Job(left: max(left - seconds, 0), began: began, slowdown: slowdown)
        }
    }

    /// By how much longer a load or batch takes while the other goes on, as a part of what it takes alone.
    let contention: Double
    private var load: Job?
    private var batch: Job?
    private var since = 0.0

    init(contention: Double) {
        self.contention = max(contention, 0)
    }

    private func speed(_ job: Job) -> Double { load != nil && batch != nil ? 1 / job.slowdown : 1 }

    /// Who is done next and when, if nothing else begins; a load before a batch of the same time. Nil where nobody works.
    var next: (worker: Worker, time: Double)? {
        let loadEnd = load.map { since + $0.left / speed($0) }
        let batchEnd = batch.map { since + $0.left / speed($0) }
        if let loadEnd, loadEnd <= batchEnd ?? .infinity { return (.loader, loadEnd) }
        return batchEnd.map { (.executor, $0) }
    }

    /// Begins work that takes `seconds` alone, and `besideSeconds` if the other goes on all the time: as the contention says where
    /// that is nil.
    mutating func begin(_ worker: Worker, seconds: Double, besideSeconds: Double? = nil, at now: Double) {
        settle(at: now)
        let slowdown = besideSeconds.flatMap { seconds > 0 && $0 > 0 ? $0 / seconds : nil } ?? 1 + contention
        let job = Job(left: seconds, began: now, slowdown: slowdown)
        if worker == .loader { load = job } else { batch = job }
    }

    /// Ends a worker's job and gives the seconds it took.
    mutating func end(_ worker: Worker, at now: Double) -> Double {
        settle(at: now)
        defer { if worker == .loader { load = nil } else { batch = nil } }
        return now - ((worker == .loader ? load : batch)?.began ?? now)
    }

    /// Lets what is under way stand still for `seconds`: the processors are at something else.
    mutating func interrupt(for seconds: Double, at now: Double) {
        settle(at: now)
        let (loadSpeed, batchSpeed) = (load.map(speed) ?? 1, batch.map(speed) ?? 1)
        load?.left += seconds * loadSpeed
        batch?.left += seconds * batchSpeed
    }

    private mutating func settle(at now: Double) {
        let (loadDone, batchDone) = (load.map(speed) ?? 1, batch.map(speed) ?? 1)
        load = load.map { $0.after((now - since) * loadDone) }
        batch = batch.map { $0.after((now - since) * batchDone) }
        since = now
    }
}

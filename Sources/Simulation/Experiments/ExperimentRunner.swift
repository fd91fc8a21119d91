/// Runs experiments over some threads; what it finds depends on the seeds alone, not on the threads.
public struct ExperimentRunner: Sendable {
    /// How far a run has come.
    public struct Progress: Sendable {
        /// The experiment whose draw ended last.
        public var experiment: String
        /// Draws that have ended.
        public var done: Int
        /// All draws.
        public var total: Int
    }

    /// One draw of one point.
    private struct Draw: Sendable {
        var experiment: Int
        var point: Int
        var seed: Int
    }

    /// What all experiments share.
    public var setting: ExperimentSetting
    /// How many draws run at a time.
    public var threads: Int

    /// Makes one.
    public init(setting: ExperimentSetting, threads: Int) {
        self.setting = setting
        self.threads = max(threads, 1)
    }

    /// The tables of `experiments`, in their order; `progress` is told after each draw.
    public func run(
        _ experiments: [any Experiment],
        progress: (Progress) -> Void = { _ in }
    ) async throws -> [ExperimentTable] {
        var tables = experiments.map { ExperimentTable($0, seeds: setting.seeds) }
        let draws = draws(of: experiments)
        try await withThrowingTaskGroup(of: (Draw, [[Double?]]).self) { group in
            var waiting = draws.makeIterator()
            func start(_ draw: Draw) {
                group.addTask {
                    let seed = UInt64(draw.seed + 1)
                    return (draw, try experiments[draw.experiment].run(point: draw.point, seed: seed, setting: setting))
                }
            }
            for _ in 0..<threads { waiting.next().map(start) }
            var done = 0
            while let (draw, outcome) = try await group.next() {
                tables[draw.experiment].record(outcome, point: draw.point, seed: draw.seed)
                done += 1
                progress(Progress(experiment: experiments[draw.experiment].name, done: done, total: draws.count))
                waiting.next().map(start)
            }
        }
        return tables
    }

    private func draws(of experiments: [any Experiment]) -> [Draw] {
        experiments.indices.flatMap { experiment in
            experiments[experiment].points.indices.flatMap { point in
                (0..<setting.seeds).map { Draw(experiment: experiment, point: point, seed: $0) }
            }
        }
    }
}

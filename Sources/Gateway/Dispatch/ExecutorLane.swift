internal import ModelServing
internal import ServingCore

/// What one lane of the executor runs its batches with, and what ends a run of its own and of no other lane.
struct ExecutorLane: Sendable {
    let runner: ModelRunner
    let runs: RunSwitch

    /// Makes `count` lanes on one engine.
    static func make(
        _ count: Int,
        on engine: any InferenceEngine,
        _ configuration: GatewayConfiguration,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) throws(ServingError) -> [ExecutorLane] {
        let memory = configuration.engine.runMemory ?? .defaultRunMemory
        return try (0..<count).map { (_) throws(ServingError) in
            let control = try engine.makeRunControl(memory: memory)
            let runner = ModelRunner(
                engine: engine,
                maximumBatchRows: configuration.scheduling.maximumBatchRows,
                control: control,
                clock: clock
            )
            return ExecutorLane(runner: runner, runs: RunSwitch(control))
        }
    }
}

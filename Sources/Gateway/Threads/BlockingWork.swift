private import Dispatch
private import Synchronization

/// Work that blocks, on a thread of its own, awaited by a task.
enum BlockingWork {
    /// Runs `work` and gives its result; a task that is cancelled meanwhile goes on at once, and the result is dropped.
    ///
    /// Work that takes long asks its argument whether it was abandoned.
    ///
    /// - Throws: what `work` throws; `CancellationError`.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable (_ isAbandoned: @escaping @Sendable () -> Bool) throws -> Value
    ) async throws -> Value {
        let outcome = AwaitedOutcome<Value>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                outcome.resume(continuation)
                DispatchQueue.global().async {
                    outcome.settle(Result { try work { outcome.isSettled } })
                }
            }
        } onCancel: {
            outcome.settle(.failure(CancellationError()))
        }
    }
}

/// The first outcome of some work, for one continuation, whichever of them comes first.
private final class AwaitedOutcome<Value: Sendable>: Sendable {
    private struct State {
        var outcome: Result<Value, any Error>?
        var waiting: CheckedContinuation<Value, any Error>?
    }

    private let state = Mutex(State())

    /// Whether there is an outcome.
    var isSettled: Bool { state.withLock { $0.outcome != nil } }

    /// Resumes `continuation` with the outcome, now or when it comes.
    func resume(_ continuation: CheckedContinuation<Value, any Error>) {
        let outcome = state.withLock { state in
            if state.outcome == nil { state.waiting = continuation }
            return state.outcome
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    /// Takes the first outcome; later ones are dropped.
    func settle(_ outcome: Result<Value, any Error>) {
        let waiting = state.withLock { state in
            guard state.outcome == nil else { return CheckedContinuation<Value, any Error>?.none }
            state.outcome = outcome
            return state.waiting.take()
        }
        waiting?.resume(with: outcome)
    }
}

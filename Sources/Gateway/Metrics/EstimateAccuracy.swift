internal import Dispatching
internal import ServingCore
private import Synchronization

/// How far off the last estimates were, relative to what was measured.
final class EstimateAccuracy: Sendable {
    /// The errors of one stage.
    struct Summary: Equatable, Sendable {
        /// How many of the last estimates this is about.
        var count: Int
        /// Half of them were off by no more than this part of what was measured.
        var median: Double
        /// Nine in ten were off by no more than this part.
        var p90: Double
    }

    /// How many errors of each stage are kept.
    static let window = 256

    private struct State {
        var errors: [EstimateCheck.Stage: [Double]] = [:]
        var next: [EstimateCheck.Stage: Int] = [:]
    }

    private let state = Mutex(State())

    /// Takes in one estimate with what came of it.
    func observe(_ check: EstimateCheck) {
        let actual = check.actual.inSeconds
        guard actual > 0 else { return }
        let error = abs(check.estimated.inSeconds - actual) / actual
        state.withLock { state in
            let place = state.next[check.stage, default: 0]
            var errors = state.errors.removeValue(forKey: check.stage) ?? []
            if place < errors.count { errors[place] = error } else { errors.append(error) }
            state.errors[check.stage] = errors
            state.next[check.stage] = (place + 1) % Self.window
        }
    }

    /// What is known of a stage; nil before its first estimate was checked.
    func summary(of stage: EstimateCheck.Stage) -> Summary? {
        let sorted = state.withLock { $0.errors[stage] ?? [] }.sorted()
        guard let last = sorted.indices.last else { return nil }
        return Summary(count: sorted.count, median: sorted[last / 2], p90: sorted[last * 9 / 10])
    }
}

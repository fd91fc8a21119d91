private import Foundation
public import ServingCore
private import Synchronization

/// Keeps the platform's allocations in step with the shares, on a thread of its own: nothing waits for it.
///
/// What it is told is only the last that counts: however slow the platform is, nothing piles up.
public final class BandwidthManagementAdapter: Sendable {
    /// What came of a call, and how many allocations there are after it.
    public typealias Report = @Sendable (_ result: AllocationResult, _ allocations: Int) -> Void

    private struct State {
        var shares: [String: BitsPerSecond] = [:]
        var isClosed = false
    }

    private let settings: BandwidthManagementSettings
    private let clock: @Sendable () -> MonotonicInstant
    private let report: Report
    private let state = Mutex(State())
    private let changed = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)

    /// How long the end may take to delete what is left.
    private static let farewell = Duration.seconds(2)

    /// Makes an adapter; `report` is called on its thread after each call.
    public init(
        _ settings: BandwidthManagementSettings,
        clock: @escaping @Sendable () -> MonotonicInstant,
        report: @escaping Report
    ) {
        self.settings = settings
        self.clock = clock
        self.report = report
    }

    /// Starts the thread.
    public func start() {
        let thread = Thread { [self] in
            run()
            done.signal()
        }
        thread.name = "mec-015"
        thread.start()
    }

    /// Takes in what each device is granted now, all its uploads together; returns at once.
    public func tell(_ shares: [String: BitsPerSecond]) {
        let isNew = state.withLock { state in
            defer { state.shares = shares }
            return state.shares != shares
        }
        if isNew { changed.signal() }
    }

    /// Ends the thread, which deletes its allocations first, for a bounded time.
    public func stop() {
        state.withLock { $0.isClosed = true }
        changed.signal()
        done.wait()
    }

    private func run() {
        guard let client = BandwidthManagementClient(settings) else { return report(.unavailable, 0) }
        var reconciler = AllocationReconciler(settings.reconciling)
        while true {
            let (shares, isClosed) = state.withLock { ($0.shares, $0.isClosed) }
            if isClosed { break }
            reconciler.want(shares)
            let now = clock()
            let calls = reconciler.round(at: now)
            carryOut(calls, &reconciler, client, until: .distantFuture)
            if calls.isEmpty, now >= reconciler.nextRound {
                // All is in step.
                changed.wait()
            } else {
                wait(until: reconciler.nextRound)
            }
        }
        carryOut(reconciler.release, &reconciler, client, until: clock().advanced(by: Self.farewell))
    }

    private func carryOut(
        _ calls: [AllocationCall],
        _ reconciler: inout AllocationReconciler,
        _ client: borrowing BandwidthManagementClient,
        until limit: MonotonicInstant
    ) {
        let isEnding = limit != .distantFuture
        for call in calls where clock() < limit {
            if !isEnding, state.withLock({ $0.isClosed }) { return }
            let result = client.perform(call)
            let goesOn = reconciler.finish(call, result, at: clock())
            report(result, reconciler.allocations)
            guard goesOn else { return }
        }
    }

    /// What is told meanwhile is looked at together.
    private func wait(until next: MonotonicInstant) {
        while !state.withLock({ $0.isClosed }) {
            let left = clock().seconds(to: next)
            guard left > 0 else { return }
            _ = changed.wait(timeout: .now() + min(left, 3600))
        }
    }
}

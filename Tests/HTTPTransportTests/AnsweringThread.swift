import Synchronization
import TestSupport

@testable import HTTPTransport

/// A thread that runs what it is given, as an executor would answer.
final class AnsweringThread: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isStopped = false
        var thread: BackgroundThread?
    }

    /// What the thread itself holds on to, so that the owner can go and end it.
    private final class Queue: Sendable {
        let state = Mutex(State())
        let wake = WakeEvent()

        func run() {
            while true {
                let (jobs, isStopped) = state.withLock { state in
                    defer { state.jobs.removeAll() }
                    return (state.jobs, state.isStopped)
                }
                for job in jobs { job() }
                if isStopped { return }
                if jobs.isEmpty { wake.wait(atMost: nil) }
            }
        }
    }

    private let queue = Queue()

    init() {
        let thread = BackgroundThread("test-answers") { [queue] in queue.run() }
        queue.state.withLock { $0.thread = thread }
    }

    deinit {
        let thread = queue.state.withLock {
            $0.isStopped = true
            return $0.thread.take()
        }
        queue.wake.signal()
        thread?.join()
    }

    func add(_ job: @escaping @Sendable () -> Void) {
        queue.state.withLock { $0.jobs.append(job) }
        queue.wake.signal()
    }
}

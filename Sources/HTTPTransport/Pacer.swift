import ServingCore
import Synchronization

/// Lets held uploads go on when their rate allows, all that are due together at one tick.
///
/// Sleeps while nothing is held.
final class Pacer: Sendable {
    private let tick: Duration
    private let clock: @Sendable () -> MonotonicInstant
    private let wake = WakeEvent()
    private let state = Mutex(State())

    private struct State {
        var held: [HTTPExchange] = []
        var isSleeping = false
        var isStopped = false
        var thread: BackgroundThread?
    }

    init(tick: Duration, clock: @escaping @Sendable () -> MonotonicInstant) {
        self.tick = tick
        self.clock = clock
    }

    /// Starts the thread.
    func start() {
        let thread = BackgroundThread("http-pacer") { [self] in run() }
        state.withLock { $0.thread = thread }
    }

    /// Ends the thread and waits for it.
    func stop() {
        let thread = state.withLock {
            $0.isStopped = true
            return $0.thread.take()
        }
        wake.signal()
        thread?.join()
    }

    /// Takes care of an upload whose connection was just suspended.
    func hold(_ exchange: HTTPExchange) {
        let isSleeping = state.withLock {
            $0.held.append(exchange)
            return $0.isSleeping
        }
        if isSleeping { wake.signal() }
    }

    private func run() {
        while true {
            let (held, isStopped) = state.withLock {
                let held = $0.held
                $0.held.removeAll(keepingCapacity: true)
                $0.isSleeping = held.isEmpty
                return (held, $0.isStopped)
            }
            if isStopped { return }
            guard !held.isEmpty else {
                wake.wait(atMost: nil)
                continue
            }
            release(held)
            wake.wait(atMost: tick)
        }
    }

    private func release(_ held: [HTTPExchange]) {
        let now = clock()
        let staying = held.filter { $0.staysHeld(at: now) }
        guard !staying.isEmpty else { return }
        state.withLock { $0.held.append(contentsOf: staying) }
    }
}

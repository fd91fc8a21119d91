import ServingCore
import Synchronization

/// What all connections of a server share.
final class HTTPServerContext: Sendable {
    let configuration: HTTPServerConfiguration
    let handler: any HTTPRequestHandler
    let clock: @Sendable () -> MonotonicInstant
    let gate: HeadGate
    let connections = ConnectionTable()
    let pacer: Pacer
    let lingering: LingeringClose
    let reaper: ConnectionReaper

    /// Answers say `Connection: close`.
    let isDraining = Atomic(false)
    /// The stop waits for nothing any more.
    let isHurried = Atomic(false)
    /// Nothing may be suspended any more.
    let isStopping = Atomic(false)
    /// Sockets accepted and not closed yet.
    let openConnections = Atomic(0)
    /// Exchanges given to the handler that have not ended.
    let activeExchanges = Atomic(0)
    /// Exchanges answered by us in the middle of their body whose client has not closed yet.
    let interruptedExchanges = Atomic(0)
    /// Signalled when one of these counts falls while the server drains.
    let exchangeEnded = WakeEvent()

    private let lastID = Atomic<UInt64>(0)

    init(
        configuration: HTTPServerConfiguration,
        handler: any HTTPRequestHandler,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) {
        self.configuration = configuration
        self.handler = handler
        self.clock = clock
        gate = HeadGate(
            maximumHeaderCount: configuration.maximumHeaderCount,
            maximumHeaderBytes: configuration.maximumHeaderBytes,
            maximumTargetBytes: configuration.maximumTargetBytes,
            maximumBodyBytes: configuration.maximumBodyBytes
        )
        pacer = Pacer(tick: configuration.pacingTick, clock: clock)
        lingering = LingeringClose(configuration, clock: clock)
        reaper = ConnectionReaper(configuration, connections: connections, handler: handler, clock: clock)
    }

    /// A number for an exchange or a connection, unique while the process runs.
    func nextID() -> UInt64 {
        lastID.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// An exchange was given to the handler.
    func exchangeBegan() {
        activeExchanges.wrappingAdd(1, ordering: .relaxed)
    }

    /// The handler was told that an exchange is over.
    func exchangeDidEnd() {
        activeExchanges.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        if isDraining.load(ordering: .sequentiallyConsistent) { exchangeEnded.signal() }
    }

    /// An exchange was answered in the middle of its body.
    func interruptionBegan() {
        interruptedExchanges.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    /// The client of such an exchange has closed, or was cut.
    func interruptionDidEnd() {
        interruptedExchanges.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        if isDraining.load(ordering: .sequentiallyConsistent) { exchangeEnded.signal() }
    }

    /// Waits until no exchange is active, at most for `duration`, or until the stop is hurried where it `canBeHurried`; says
    /// whether none is active.
    func waitForExchanges(atMost duration: Duration, canBeHurried: Bool = false) -> Bool {
        wait(atMost: duration, canBeHurried) { activeExchanges.load(ordering: .sequentiallyConsistent) == 0 }
    }

    /// Waits until every client that was answered in the middle of its body has closed, at most for `duration`, or until
    /// the stop is hurried.
    func waitForInterrupted(atMost duration: Duration) {
        _ = wait(atMost: duration, true) { interruptedExchanges.load(ordering: .sequentiallyConsistent) == 0 }
    }

    private func wait(atMost duration: Duration, _ canBeHurried: Bool, until condition: () -> Bool) -> Bool {
        let deadline = clock().advanced(by: duration)
        while !condition() {
            if canBeHurried && isHurried.load(ordering: .sequentiallyConsistent) { return false }
            let now = clock()
            guard now < deadline else { return false }
            exchangeEnded.wait(atMost: now.duration(to: deadline))
        }
        return true
    }

    /// When an answer of `byteCount` bytes has to be written.
    func writeDeadline(_ byteCount: Int) -> MonotonicInstant {
        let transfer = Duration.seconds(byteCount / max(1, configuration.minimumBodyRate))
        return clock().advanced(by: configuration.bodyGrace + configuration.idleTimeout + transfer)
    }
}

internal import Logging
internal import ServingCore
private import Synchronization

/// A logger for lines that may come many times a second: equal ones are counted, and written once a minute with their count.
final class RepeatedLog: Sendable {
    private let logger: Logger
    private let clock: @Sendable () -> MonotonicInstant
    private let limiter: Mutex<LogLimiter>

    init(
        _ logger: Logger,
        interval: Duration = .seconds(60),
        clock: @escaping @Sendable () -> MonotonicInstant = { SystemMonotonicClock.now() }
    ) {
        self.logger = logger
        self.clock = clock
        limiter = Mutex(LogLimiter(interval: interval))
    }

    /// Writes `message`, unless the same one about the same `subject` was written within the interval.
    ///
    /// `subject` tells apart what shares a message: a model, a path. Lines left out stand as `repeated` in the next one.
    func log(
        _ level: Logger.Level,
        _ message: Logger.Message,
        about subject: String = "",
        metadata: @autoclosure () -> Logger.Metadata = [:]
    ) {
        guard logger.logLevel <= level else { return }
        guard let suppressed = limiter.withLock({ $0.admit("\(message) \(subject)", at: clock()) }) else { return }
        var metadata = metadata()
        if suppressed > 0 { metadata["repeated"] = "\(suppressed)" }
        logger.log(level: level, message, metadata: metadata)
    }
}

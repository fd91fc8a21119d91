public import Logging
private import Synchronization

/// The least severe level that is written, one for all loggers that share it; it can change while they log.
public final class LogThreshold: Sendable {
    /// The one of the process.
    public static let shared = LogThreshold()

    private let index = Atomic(LogThreshold.index(of: .info))

    /// Starts at `info`.
    public init() {}

    /// The level now. O(1), takes no lock.
    public var level: Logger.Level {
        get { Logger.Level.allCases[index.load(ordering: .relaxed)] }
        set { index.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    private static func index(of level: Logger.Level) -> Int { Logger.Level.allCases.firstIndex(of: level) ?? 0 }
}

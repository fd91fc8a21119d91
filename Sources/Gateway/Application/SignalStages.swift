#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#endif

/// What the signals that come to a gateway ask of it, one after the other.
public struct SignalStages: Sendable {
    /// What is to be done about a signal.
    public enum Step: Hashable, Sendable {
        /// Nothing but a log line: it means nothing here.
        case ignore
        /// Read configuration, keys, certificates and catalog again.
        case reload
        /// Shut down; admitted requests are finished first.
        case drain
        /// Shut down at once: admitted requests are answered 503 or cut, and the exit status is 1.
        case hurry
        /// End the process with this status, whatever is under way.
        case exit(Int32)
    }

    private enum Stage {
        case starting, serving, draining, hurried
    }

    private var stage = Stage.starting

    /// A gateway that is starting: it has admitted nothing.
    public init() {}

    /// The signals that are to be caught.
    public static let caught: [Int32] = [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2]

    /// The gateway can be asked to drain from now on.
    public mutating func served() {
        if stage == .starting { stage = .serving }
    }

    /// Takes a signal.
    public mutating func received(_ signal: Int32) -> Step {
        if signal == SIGHUP { return stage == .serving ? .reload : .ignore }
        guard signal == SIGTERM || signal == SIGINT else { return .ignore }
        switch stage {
        case .starting: return .exit(0)
        case .serving:
            stage = .draining
            return .drain
        case .draining:
            stage = .hurried
            return .hurry
        case .hurried: return .exit(1)
        }
    }
}

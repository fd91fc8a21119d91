/// A setting that cannot be used, and where it came from.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key: `server.port`, or the flag or variable it came by.
    public var key: String
    /// What is wrong with it.
    public var problem: String

    /// Makes an error.
    public init(key: String, problem: String) {
        self.key = key
        self.problem = problem
    }

    /// One line for a terminal.
    public var description: String { "\(key): \(problem)" }
}

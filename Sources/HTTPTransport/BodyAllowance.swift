public import ServingCore

/// What a request's body may take of memory; lives as long as the bytes it allows.
///
/// Given to ``HTTPExchange/setBodyAllowance(_:)`` at the head.
public protocol BodyAllowance: AnyObject, Sendable {
    /// Whether the body may hold `bytes` bytes; asked on the connection's thread before they are stored. O(1), must not block.
    func covers(_ bytes: Int) -> Bool

    /// How many bytes of the body have arrived at `now`; told by one thread at intervals while the body arrives.
    func progressed(to receivedBytes: Int, at now: MonotonicInstant)
}

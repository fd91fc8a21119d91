/// How an exchange ended.
public enum ExchangeEnd: Hashable, Sendable {
    /// The whole answer was handed to the kernel; the client may still have gone before reading it.
    case answered
    /// The client went away, was too slow, or the server stopped, before the answer was written.
    case aborted
}

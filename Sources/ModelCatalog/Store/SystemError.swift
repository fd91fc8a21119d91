import Glibc

/// What the last failed system call of this thread said.
enum SystemError {
    /// The message for `errno`, as `strerror` words it.
    static var last: String { String(cString: strerror(errno)) }
}

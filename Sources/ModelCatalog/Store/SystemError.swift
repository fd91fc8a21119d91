import Glibc

/// What the last failed system call of this thread said.
enum SystemError {
    /// The message for `errno`, as `strerror` words it.
    static var last: String { String(cString: strerror(errno)) }

    /// The same for a file that was opened with `flags`: a link that is not followed is one "too many" to the system.
    static func opening(_ flags: Int32) -> String {
        guard flags & O_NOFOLLOW != 0 else { return last }
        if errno == ELOOP { return "must be a regular file, not a symbolic link" }
        if errno == ENOTDIR { return "its folder must be one itself, not a symbolic link or a file" }
        return last
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How much a thread gives way to others where all want the same processors.
///
/// Linux keeps niceness for each thread (sched(7)), and new threads begin with that of the thread that makes them. Anyone may
/// raise it; only a privileged process may lower it again, so a thread that is made nicer stays so.
public enum ThreadNiceness {
    /// `PRIO_PROCESS`, whose type differs between C libraries; with 0 for whom it is the calling thread on Linux.
    private static let thread: Int32 = 0

    /// The calling thread's, from -20 to 19.
    public static var current: Int { Int(getpriority(thread, 0)) }

    /// Makes the calling thread nicer by `steps`, up to 19; 0 and less change nothing.
    public static func raise(by steps: Int) {
        guard steps > 0 else { return }
        _ = setpriority(thread, 0, Int32(min(current + min(steps, 39), 19)))
    }
}

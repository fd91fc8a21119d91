#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#endif

/// The end of a process one of whose threads is at work that nothing interrupts: an orderly end would wait for it.
enum ProcessEnd {
    /// Ends the process with an error, as it stands.
    static func now() -> Never {
        fflush(nil)
        _exit(EXIT_FAILURE)
    }
}

import CMicroHTTPD
import ServingCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Lets one thread sleep until another wakes it; owns an `eventfd`.
final class WakeEvent: Sendable {
    /// Readable while a wake-up is pending, for use in `poll` and `epoll`.
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        precondition(descriptor >= 0, "no descriptor is left for a thread's wake-up")
    }

    deinit {
        close(descriptor)
    }

    /// Ends the current or the next ``wait(atMost:)``.
    func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Sleeps until a signal or for `duration`, nil for ever; then forgets the signals so far.
    func wait(atMost duration: Duration?) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&entry, 1, Self.milliseconds(duration))
        clear()
    }

    /// Forgets the signals so far.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }

    /// The timeout argument of `poll` for `duration`, rounded up; -1 is for ever.
    static func milliseconds(_ duration: Duration?) -> Int32 {
        guard let duration else { return -1 }
        let nanoseconds = max(0, duration.clampedNanoseconds)
        return Int32(clamping: nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 == 0 ? 0 : 1))
    }
}

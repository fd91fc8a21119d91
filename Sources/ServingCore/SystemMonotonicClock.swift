#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The machine's monotonic clock, for the shells; deciders take the time as a parameter instead.
public enum SystemMonotonicClock {
    /// Now, by `CLOCK_MONOTONIC`: it does not jump with the wall clock.
    public static func now() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

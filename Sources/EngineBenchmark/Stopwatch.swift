import Glibc

/// What something took.
struct Taken {
    /// Seconds by the clock.
    var wall: Double
    /// Seconds of the process's CPU time.
    var processor: Double
}

/// Measures what something takes.
struct Stopwatch {
    private let wall = Self.seconds(CLOCK_MONOTONIC)
    private let processor = Self.seconds(CLOCK_PROCESS_CPUTIME_ID)

    /// Since the watch was made.
    var elapsed: Taken {
        Taken(
            wall: Self.seconds(CLOCK_MONOTONIC) - wall,
            processor: Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - processor
        )
    }

    /// What `body` takes.
    static func time(_ body: () throws -> Void) rethrows -> Taken {
        let watch = Stopwatch()
        try body()
        return watch.elapsed
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

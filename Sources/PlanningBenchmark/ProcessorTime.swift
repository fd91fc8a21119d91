import Foundation

/// What this thread has computed for: other processes do not count.
enum ProcessorTime {
    /// Seconds of processor time of this thread so far (CLOCK_THREAD_CPUTIME_ID of clock_gettime(2)).
    static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

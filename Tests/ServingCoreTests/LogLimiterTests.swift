import ServingCore
import Testing

struct LogLimiterTests {
    private let start = MonotonicInstant.origin

    @Test func `The first line is written, and one after each interval, with the count of those between`() {
        var limiter = LogLimiter(interval: .seconds(60))
        #expect(limiter.admit("disk full", at: start) == 0)
        for second in 1..<60 { #expect(limiter.admit("disk full", at: start.advanced(by: .seconds(second))) == nil) }
        #expect(limiter.admit("disk full", at: start.advanced(by: .seconds(60))) == 59)
        #expect(limiter.admit("disk full", at: start.advanced(by: .seconds(200))) == 0)
    }

    @Test func `Subjects do not hide each other`() {
        var limiter = LogLimiter()
        #expect(limiter.admit("a", at: start) == 0)
        #expect(limiter.admit("b", at: start) == 0)
    }

    @Test func `Subjects without end take bounded room, and are still counted`() {
        var limiter = LogLimiter(interval: .seconds(60), capacity: 10)
        let written = (0..<1000).compactMap { limiter.admit("subject \($0)", at: start) }
        #expect(written.count == 11)
        #expect(limiter.admit("subject 2000", at: start.advanced(by: .seconds(60))) == 0)
        #expect(limiter.admit("subject 0", at: start.advanced(by: .seconds(61))) == 0)
    }
}

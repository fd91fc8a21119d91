import ServingCore
import Testing

struct MonotonicInstantTests {
    @Test func `Advancing past the clock's range stays at its end`() {
        let late = MonotonicInstant(nanoseconds: .max - 1)
        #expect(late.advanced(by: .seconds(1)) == .distantFuture)
        #expect(MonotonicInstant.origin.advanced(by: .seconds(Int64.max)) == .distantFuture)
    }

    @Test func `A duration between two instants is what was added`() {
        let start = MonotonicInstant(nanoseconds: 5)
        #expect(start.duration(to: start.advanced(by: .milliseconds(250))) == .milliseconds(250))
        #expect(abs(start.seconds(to: start.advanced(by: .milliseconds(-250))) + 0.25) < 1e-12)
    }

    @Test func `Seconds that are not a number or beyond a century become a duration all the same`() {
        #expect(Duration.clamping(seconds: .nan) == .zero)
        #expect(Duration.clamping(seconds: .infinity) > .seconds(3_000_000_000))
    }
}

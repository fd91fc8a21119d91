import ServingCore
import Testing

@testable import HTTPTransport

struct AnswerWatchTests {
    private let window = Duration.seconds(10)

    /// Whether a client that has taken `taken` bytes at each whole second is found to be stuck, and when.
    private func stuck(_ taken: [UInt64?], rate: Int = 1024) -> Int? {
        var watch = AnswerWatch()
        return taken.indices.first { second in
            watch.isStuck(
                at: MonotonicInstant.origin.advanced(by: .seconds(second)),
                window: window,
                leastBytesPerSecond: rate,
                taken: { taken[second] }
            )
        }
    }

    @Test func `A client that takes nothing is found after one window`() {
        #expect(stuck(Array(repeating: 0, count: 30)) == 10)
    }

    @Test func `What a client took first buys it no time`() {
        #expect(stuck([0] + Array(repeating: 100_000_000, count: 40)) == 20)
    }

    @Test func `A client that keeps the least rate is let go on for ever`() {
        #expect(stuck((0..<1000).map { UInt64($0) * 1024 }) == nil)
        #expect(stuck((0..<1000).map { UInt64($0) * 900 }) == 10)
    }

    @Test func `Where any rate is allowed, one byte in each window is asked all the same`() {
        #expect(stuck((0..<100).map { UInt64($0 / 5) }, rate: 0) == nil)
        #expect(stuck(Array(repeating: 7, count: 30), rate: 0) == 10)
    }

    @Test func `A count that wraps around is progress, and a kernel that does not count cuts nobody`() {
        #expect(stuck((0..<30).map { (UInt64.max - 50_000) &+ UInt64($0) &* 4096 }) == nil)
        #expect(stuck(Array(repeating: nil, count: 30)) == nil)
    }
}

import BandwidthAllocation
import ServingCore
import TestSupport
import Testing

struct LinkEstimatorTests {
    private static func instant(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant.origin.advanced(by: .seconds(seconds))
    }

    /// Takes in `rates` (bit/s), one each tenth of a second.
    private func link(_ rates: [Double], isLinkLimited: Bool = true) -> LinkEstimator {
        var link = LinkEstimator()
        for (index, rate) in rates.enumerated() {
            link.observe(
                bytes: Int(rate / 80),
                over: .milliseconds(100),
                isLinkLimited: isLinkLimited,
                at: Self.instant(Double(index) * 0.1)
            )
        }
        return link
    }

    @Test(arguments: UInt64(0)..<20)
    func `the quantile of a steady link is the one it was drawn with`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let link = link((0..<32).map { _ in .random(in: 8e6...12e6, using: &random) })
        let trend = min(link.trend(at: Self.instant(3.2)), 0)
        let low = try #require(link.rate(quantile: 0.25, at: Self.instant(3.2))).rawValue - trend
        let high = try #require(link.rate(quantile: 0.9, at: Self.instant(3.2))).rawValue - trend
        #expect(abs(low - 9e6) < 0.9e6)
        #expect(abs(high - 11.6e6) < 0.7e6)
    }

    @Test func `a falling link is planned with less than what was seen last quantile by quantile`() throws {
        let falling = link((0..<16).map { 10e6 - Double($0) * 0.4e6 })
        let steady = link([Double](repeating: 7e6, count: 16))
        #expect(abs(falling.trend(at: Self.instant(1.6)) + 4e6) < 1e4)
        let planned = try #require(falling.rate(quantile: 0.5, at: Self.instant(1.6))).rawValue
        #expect(planned < 0.7 * (try #require(steady.rate(quantile: 0.5, at: Self.instant(1.6))).rawValue))
        #expect(link((0..<16).map { 4e6 + Double($0) * 0.4e6 }).trend(at: Self.instant(1.6)) > 0)
    }

    @Test func `nothing is said of a link that was held back, or seen too seldom, or long ago`() {
        #expect(link([1e6, 1e6, 1e6, 1e6], isLinkLimited: false).rate(quantile: 0.5, at: Self.instant(1)) == nil)
        #expect(link([1e6, 1e6]).rate(quantile: 0.5, at: Self.instant(1)) == nil)
        let seen = link([1e6, 1e6, 1e6, 1e6])
        #expect(seen.rate(quantile: 0.5, at: Self.instant(1)) != nil)
        #expect(seen.rate(quantile: 0.5, at: Self.instant(40)) == nil)
    }

    @Test func `what it carried while held back raises what is planned with`() throws {
        var link = link([1e6, 1e6, 1e6, 1e6])
        link.observe(bytes: 50_000, over: .milliseconds(100), isLinkLimited: false, at: Self.instant(0.5))
        #expect(try #require(link.rate(quantile: 0.25, at: Self.instant(0.6))).rawValue == 4e6)
    }

    @Test func `what was reached is known at once, and many lower bounds do not push out what shows the link`() throws {
        var link = link([1e6, 1e6, 1e6, 1e6])
        for step in 0..<100 {
            let time = Self.instant(1 + 0.01 * Double(step))
            link.observe(bytes: 100_000, over: .milliseconds(8), isLinkLimited: false, at: time)
        }
        #expect(try #require(link.reachedRate(at: Self.instant(2))).rawValue == 1e8)
        #expect(link.rate(quantile: 0.25, at: Self.instant(2)) != nil)
        #expect(link.reachedRate(at: Self.instant(40)) == nil)
        #expect(LinkEstimator().reachedRate(at: Self.instant(1)) == nil)
    }

    @Test func `a table remembers a bounded number of devices, those seen last`() {
        var table = LinkTable<Int>(capacity: 16)
        for device in 0..<1000 {
            for step in 0..<3 {
                let time = Self.instant(Double(device) + Double(step) * 0.1)
                table.observe(device, bytes: 12_500, over: .milliseconds(100), isLinkLimited: true, at: time)
                table.observe(-1, bytes: 25_000, over: .milliseconds(100), isLinkLimited: true, at: time)
            }
            #expect(table.count <= 16)
        }
        let now = Self.instant(1000)
        #expect(table.rate(of: 999, quantile: 0.5, at: now)?.rawValue == 1e6)
        #expect(table.rate(of: -1, quantile: 0.5, at: now)?.rawValue == 2e6)
        #expect(table.rate(of: 0, quantile: 0.5, at: now) == nil)
    }
}

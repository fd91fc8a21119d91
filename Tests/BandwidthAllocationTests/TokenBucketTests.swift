import ServingCore
import Testing

@testable import BandwidthAllocation

struct TokenBucketTests {
    /// 1 MB/s.
    private let megabyte = BitsPerSecond(8e6)

    private func at(_ duration: Duration) -> MonotonicInstant { .origin.advanced(by: duration) }

    @Test func `A new bucket is empty`() {
        var bucket = TokenBucket(rate: megabyte, startingAt: .origin)
        #expect(bucket.take(upTo: 1000, at: .origin) == 0)
    }

    @Test func `Tokens come in at the rate`() {
        var bucket = TokenBucket(rate: megabyte, startingAt: .origin)
        #expect(bucket.take(upTo: 100_000, at: at(.milliseconds(10))) == 10_000)
        #expect(bucket.take(upTo: 100_000, at: at(.milliseconds(10))) == 0)
        #expect(bucket.take(upTo: 3_000, at: at(.milliseconds(20))) == 3_000)
        #expect(bucket.available(at: at(.milliseconds(20))) == 7_000)
    }

    @Test func `No more than the burst is stored`() {
        let bucket = TokenBucket(rate: megabyte, burst: .milliseconds(50), startingAt: .origin)
        #expect(bucket.available(at: at(.seconds(100))) == 50_000)
    }

    @Test(arguments: [0.1e6, 1e6, 7.3e6, 50e6])
    func `Any pattern of looks gives the rate over a second`(bytesPerSecond: Double) {
        var bucket = TokenBucket(rate: BitsPerSecond(bytesPerSecond * 8), startingAt: .origin)
        var random = SplitMix(seed: 7)
        var now = Duration.zero
        var taken = 0
        while now < .seconds(1) {
            now += .microseconds(Int64(random.next() % 20_000))
            taken += bucket.take(upTo: .max, at: at(now))
        }
        let expected = bytesPerSecond * now.inSeconds
        #expect(abs(Double(taken) - expected) <= 1)
    }

    @Test func `A changed rate counts from the change on`() {
        var bucket = TokenBucket(rate: megabyte, startingAt: .origin)
        bucket.setRate(BitsPerSecond(16e6), at: at(.milliseconds(10)))
        #expect(bucket.available(at: at(.milliseconds(20))) == 10_000 + 20_000)
    }

    @Test func `Lowering the rate lowers what is stored`() {
        var bucket = TokenBucket(rate: megabyte, startingAt: .origin)
        bucket.setRate(BitsPerSecond(8e5), at: at(.seconds(1)))
        #expect(bucket.available(at: at(.seconds(1))) == 5_000)
    }

    @Test func `The instant of enough tokens is when they can be taken`() {
        var bucket = TokenBucket(rate: megabyte, startingAt: .origin)
        let instant = bucket.instant(holding: 20_000)
        #expect(instant == at(.milliseconds(20)))
        #expect(bucket.take(upTo: 20_000, at: instant) == 20_000)
        #expect(bucket.instant(holding: 0) == instant)
    }

    @Test func `More than the store is never waited for`() {
        let bucket = TokenBucket(rate: megabyte, burst: .milliseconds(50), startingAt: .origin)
        #expect(bucket.instant(holding: .max) == at(.milliseconds(50)))
    }

    @Test(arguments: [0, -5, .nan])
    func `A rate that is none lets nothing through`(rate: Double) {
        var bucket = TokenBucket(rate: BitsPerSecond(rate), startingAt: .origin)
        #expect(bucket.take(upTo: 1, at: at(.seconds(1000))) == 0)
        #expect(bucket.instant(holding: 1) == .distantFuture)
    }

    @Test func `An endless rate does not trap`() {
        var bucket = TokenBucket(rate: BitsPerSecond(.infinity), startingAt: .origin)
        #expect(bucket.take(upTo: 1 << 30, at: at(.seconds(1))) == 1 << 30)
    }

    @Test func `Time that runs backwards gives nothing and takes nothing`() {
        var bucket = TokenBucket(rate: megabyte, startingAt: at(.seconds(1)))
        #expect(bucket.take(upTo: 1000, at: .origin) == 0)
        #expect(bucket.available(at: at(.milliseconds(1010))) == 10_000)
    }

    @Test func `Asking for less than nothing takes nothing`() {
        var bucket = TokenBucket(rate: megabyte, startingAt: .origin)
        #expect(bucket.take(upTo: -1, at: at(.seconds(1))) == 0)
    }
}

/// A small seeded generator (SplitMix64).
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

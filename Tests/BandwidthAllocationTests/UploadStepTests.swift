import BandwidthAllocation
import ServingCore
import Testing

struct UploadStepTests {
    @Test(arguments: [(0.0, 1400), (480_000.0, 1400), (800_000.0, 2000), (1_638_400.0, 4096), (1e12, 4096)])
    func `a step is 20 ms of the rate, a packet at least and 4 KiB at most`(rate: Double, bytes: Int) {
        #expect(UploadStep.bytes(of: BitsPerSecond(rate)) == bytes)
    }

    @Test func `a bucket can hold a step`() {
        for rate in [1e3, 1e5, 1e6, 1e7] {
            let bucket = TokenBucket(rate: BitsPerSecond(rate), startingAt: .origin)
            let later = MonotonicInstant.origin.advanced(by: .seconds(100))
            #expect(bucket.available(at: later) >= UploadStep.bytes(of: BitsPerSecond(rate)))
        }
    }
}

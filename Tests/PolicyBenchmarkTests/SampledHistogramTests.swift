import Testing

@testable import PolicyBenchmark

struct SampledHistogramTests {
    private static let scrape = """
        # TYPE a_seconds histogram
        a_seconds_bucket{le="0.001"} 90
        a_seconds_bucket{le="0.005"} 99
        a_seconds_bucket{le="+Inf"} 100
        a_seconds_sum 1
        ab_seconds_bucket{le="0.001"} 7
        """

    @Test(arguments: [(0.5, 0.001), (0.9, 0.001), (0.99, 0.005), (0.995, .infinity)])
    func `the least bound that a part of the values is within`(part: Double, bound: Double) {
        #expect(SampledHistogram("a_seconds", in: Self.scrape).bound(ofPart: part) == bound)
    }

    @Test(arguments: ["b_seconds", "a"])
    func `a histogram that is not there has no bound`(name: String) {
        #expect(SampledHistogram(name, in: Self.scrape).bound(ofPart: 0.5) == nil)
    }
}

import Testing

@testable import PolicyBenchmark

struct LoadSearchTests {
    @Test(arguments: [4.0, 5, 37, 100, 1000])
    func `the rate found is met, and one an eighth of a doubling higher is not`(limit: Double) async throws {
        let found = try await LoadSearch { rate, _ in rate <= limit }.highestRate()
        #expect(found <= limit)
        #expect(found * 1.126 > limit || limit == 4)
    }

    @Test func `no rate that was not tried is given`() async throws {
        var tried: [Double] = []
        let found = try await LoadSearch { rate, _ in
            tried.append(rate)
            return rate <= 21
        }.highestRate()
        #expect(tried == [4, 8, 16, 32, 24, 20, 22])
        #expect(found == 20)
    }

    @Test(arguments: [0, 1, 2])
    func `of three traces one that is missed for another reason decides nothing`(unlucky: Int) async throws {
        let search = LoadSearch(traces: 3) { rate, trace in rate <= 21 && trace != unlucky }
        #expect(try await search.highestRate() == 20)
    }

    @Test func `no more traces are played than it takes to know`() async throws {
        var tried: [Int] = []
        let search = LoadSearch(halvings: 0, traces: 3) { rate, trace in
            tried.append(trace)
            return rate < 8 || trace == 1
        }
        #expect(try await search.highestRate() == 4)
        #expect(tried == [0, 1, 0, 1, 2])
    }

    @Test func `a trace of the search is long enough for one miss in a hundred to be seen`() {
        #expect(LoadSearch.seconds(at: 100) == 5)
        #expect(LoadSearch.seconds(at: 25) == 10)
        #expect(LoadSearch.seconds(at: 1) == 30)
    }

    @Test(arguments: [true, false])
    func `where every rate is met, or none, that is said`(isMet: Bool) async {
        await #expect(throws: BenchmarkFailure.self) { try await LoadSearch { _, _ in isMet }.highestRate() }
    }
}

import Testing

@testable import PolicyBenchmark

struct LoadSearchTests {
    @Test(arguments: [4.0, 5, 37, 100, 1000])
    func `the rate found is met, and one an eighth of a doubling higher is not`(limit: Double) async throws {
        let found = try await LoadSearch { $0 <= limit }.highestRate()
        #expect(found <= limit)
        #expect(found * 1.126 > limit || limit == 4)
    }

    @Test func `no rate that was not tried is given`() async throws {
        var tried: [Double] = []
        let found = try await LoadSearch {
            tried.append($0)
            return $0 <= 21
        }.highestRate()
        #expect(tried == [4, 8, 16, 32, 24, 20, 22])
        #expect(found == 20)
    }

    @Test func `a trace of the search is long enough for one miss in a hundred to be seen`() {
        #expect(LoadSearch.seconds(at: 100) == 5)
        #expect(LoadSearch.seconds(at: 25) == 10)
        #expect(LoadSearch.seconds(at: 1) == 30)
    }

    @Test(arguments: [true, false])
    func `where every rate is met, or none, that is said`(isMet: Bool) async {
        await #expect(throws: BenchmarkFailure.self) { try await LoadSearch { _ in isMet }.highestRate() }
    }
}

import Testing

@testable import Gateway

struct QuickRunsTests {
    private let limit = Duration.microseconds(250)

    @Test func `Before anything ran nothing is quick, not even an empty batch`() {
        #expect(!QuickRuns().contains(0))
    }

    @Test func `What is no larger than a quick batch is quick, what is larger is not`() {
        var runs = QuickRuns()
        runs.observe(400, ran: .microseconds(20), limit: limit)
        #expect(runs.contains(400))
        #expect(!runs.contains(401))
    }

    @Test func `A batch that was too slow takes back what is larger than half of it`() {
        var runs = QuickRuns()
        runs.observe(1000, ran: .microseconds(20), limit: limit)
        runs.observe(600, ran: .milliseconds(3), limit: limit)
        #expect(runs.contains(300))
        #expect(!runs.contains(301))
    }

    @Test func `Between half the limit and the limit nothing is learned`() {
        var runs = QuickRuns()
        runs.observe(400, ran: .microseconds(20), limit: limit)
        runs.observe(800, ran: .microseconds(200), limit: limit)
        #expect(runs == QuickRuns(largestBytes: 400))
    }

    @Test func `With a limit of zero nothing that takes time is quick`() {
        var runs = QuickRuns()
        runs.observe(400, ran: .microseconds(1), limit: .zero)
        #expect(!runs.contains(1))
    }
}

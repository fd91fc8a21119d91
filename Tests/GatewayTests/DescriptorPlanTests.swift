import Testing

@testable import Gateway

struct DescriptorPlanTests {
    private func plan(_ connections: Int, others: Int = 200, soft: Int, hard: Int) -> (limit: Int, connections: Int) {
        let plan = DescriptorPlan(connections: connections, others: others, soft: soft, hard: hard)
        return (plan.limit, plan.connections)
    }

    @Test func `The soft limit is raised as far as the connections need and no further`() {
        #expect(plan(4096, soft: 1024, hard: 20_000) == (4296, 4096))
        #expect(plan(100, soft: 1024, hard: 20_000) == (1024, 100))
    }

    @Test func `Where the hard limit is lower there are fewer connections`() {
        #expect(plan(4096, soft: 1024, hard: 2048) == (2048, 1848))
        #expect(plan(4096, soft: 1024, hard: 1024) == (1024, 824))
    }

    @Test func `Hardly any descriptors still leave room for some connections`() {
        #expect(plan(4096, soft: 64, hard: 64) == (64, 16))
        #expect(plan(4096, soft: 1, hard: 1) == (1, 1))
    }

    @Test func `No sum overflows`() {
        #expect(plan(.max, soft: 1024, hard: .max) == (.max, .max - 200))
    }
}

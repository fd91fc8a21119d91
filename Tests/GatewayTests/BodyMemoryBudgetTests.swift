import ServingCore
import Testing

@testable import Gateway

struct BodyMemoryBudgetTests {
    @Test func `Bytes are given out up to the limit and no further`() {
        let budget = BodyMemoryBudget(limit: 100)
        #expect(budget.reserve(60))
        #expect(!budget.reserve(41))
        #expect(budget.reserve(40))
        #expect(!budget.reserve(1))
    }

    @Test func `What is released can be reserved again, and a refusal takes nothing`() {
        let budget = BodyMemoryBudget(limit: 100)
        #expect(!budget.reserve(101))
        #expect(budget.reserve(100))
        budget.release(100)
        #expect(budget.reserve(100))
    }
}

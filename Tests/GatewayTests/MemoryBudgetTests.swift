import ServingCore
import Testing

@testable import Gateway

struct MemoryBudgetTests {
    private let alice = CallerGate.Caller.address("192.0.2.1")
    private let bob = CallerGate.Caller.address("192.0.2.2")

    @Test func `Bytes are given out up to the limit and no further`() {
        let budget = MemoryBudget(limit: 100)
        #expect(budget.take(60, for: alice) == nil)
        #expect(budget.take(41, for: bob) == .all)
        #expect(budget.take(40, for: bob) == nil)
        #expect(budget.take(1, for: alice) == .all)
        #expect(budget.take(.max, for: alice) == .all)
    }

    @Test func `What is given back can be taken again, and a refusal takes nothing`() {
        let budget = MemoryBudget(limit: 100)
        #expect(budget.take(101, for: alice) == .all)
        #expect(budget.take(100, for: alice) == nil)
        budget.giveBack(100, for: alice)
        #expect(budget.used == 0)
        #expect(budget.take(100, for: bob) == nil)
    }

    @Test func `No caller holds more than its part, and others have the rest`() {
        let budget = MemoryBudget(limit: 100, callerPart: 0.5)
        #expect(budget.take(50, for: alice) == nil)
        #expect(budget.take(1, for: alice) == .caller)
        #expect(budget.take(50, for: bob) == nil)
        budget.giveBack(10, for: alice)
        #expect(budget.take(10, for: alice) == nil)
    }
}

struct MemoryClaimTests {
    private let caller = CallerGate.Caller.address("192.0.2.1")
    private let start = MonotonicInstant.origin

    @Test func `A claim is given back when its last owner lets go, not before`() throws {
        let budget = MemoryBudget(limit: 1000)
        var claim: MemoryClaim? = try MemoryClaim(700, of: budget, for: caller)
        var storage: ByteStorage? = try ByteStorage(checkedCapacity: 700, companion: claim)
        storage?.append(contentsOf: [1, 2, 3])
        var region = storage?.region
        (claim, storage) = (nil, nil)
        #expect(budget.used == 700)
        #expect(throws: MemoryShortage.self) { try MemoryClaim(301, of: budget, for: caller) }
        #expect(region?.count == 3)
        region = nil
        #expect(budget.used == 0)
        #expect(claim == nil && storage == nil && region == nil)
    }

    @Test func `A body that trickles in soon holds what has arrived and a step, whatever it announces`() throws {
        let budget = MemoryBudget(limit: ByteCount(64 << 20))
        let claim = try MemoryClaim(64 << 20, of: budget, for: caller)
        for tick in 0...40 {
            claim.progressed(to: tick * 28, at: start.advanced(by: .milliseconds(25 * tick)))
        }
        #expect(claim.bytes < 80 << 10)
        #expect(budget.used == claim.bytes)
        // The others have the rest, and it goes on growing as its bytes come.
        let other = try MemoryClaim(32 << 20, of: budget, for: caller)
        #expect(claim.covers(1 << 20))
        #expect(claim.bytes >= 1 << 20)
        #expect(!claim.covers(33 << 20))
        #expect(budget.used == claim.bytes + other.bytes)
    }

    @Test func `A body that comes at a pace that brings all of it within a second keeps all it was promised`() throws {
        let budget = MemoryBudget(limit: ByteCount(64 << 20))
        let claim = try MemoryClaim(64 << 20, of: budget, for: caller)
        for tick in 0...32 {
            claim.progressed(to: tick << 21, at: start.advanced(by: .milliseconds(25 * tick)))
            #expect(claim.bytes == 64 << 20)
        }
    }
}

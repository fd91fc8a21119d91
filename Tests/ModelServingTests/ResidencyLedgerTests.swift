import ModelServing
import ServingCore
import TestSupport
import Testing

struct ResidencyLedgerTests {
    private let a = ParameterBlock.named("a", bytes: 40)
    private let b = ParameterBlock.named("b", bytes: 50)

    @Test func `A load reserves the estimate and corrects it to the measurement`() throws {
        var ledger = ResidencyLedger(limit: 100)
        #expect(try ledger.beginLoads([a, b, a]) == [a, b])
        #expect(ledger.used == 90)
        #expect(ledger.entries[a.id]?.state == .loading)
        try ledger.finishLoad(a.id, measured: 45)
        try ledger.finishLoad(b.id, measured: 30)
        #expect(ledger.used == 75)
        #expect(ledger.isResident(a.id) && ledger.isResident(b.id))
        #expect(ledger.counters.misses == 2)
        #expect(ledger.counters.bytesLoaded == 75)
    }

    @Test func `An order that does not fit reserves nothing`() {
        var ledger = ResidencyLedger(limit: 89)
        #expect(failureCode { _ = try ledger.beginLoads([a, b]) } == .memoryUnavailable)
        #expect(ledger.used == 0)
        #expect(ledger.entries.isEmpty)
    }

    @Test func `A block that turns out too large is forgotten`() throws {
        var ledger = ResidencyLedger(limit: 100)
        _ = try ledger.beginLoads([a, b])
        try ledger.finishLoad(b.id, measured: 50)
        #expect(failureCode { try ledger.finishLoad(a.id, measured: 51) } == .memoryUnavailable)
        #expect(ledger.used == 50)
        #expect(ledger.entries[a.id] == nil)
        #expect(ledger.counters.failures == 1)
    }

    @Test func `Estimates that overflow do not fit`() {
        var ledger = ResidencyLedger(limit: ByteCount(.max))
        let huge = [ParameterBlock.named("x", bytes: .max), .named("y", bytes: .max)]
        _ = try? ledger.beginLoads([.named("z", bytes: 1)])
        #expect(failureCode { _ = try ledger.beginLoads(huge) } == .memoryUnavailable)
        #expect(ledger.used == 1)
    }

    @Test func `A block that somebody loads is neither loaded twice nor evicted nor pinned`() throws {
        var ledger = ResidencyLedger(limit: 100)
        _ = try ledger.beginLoads([a])
        #expect(failureCode { _ = try ledger.beginLoads([a]) } == .modelUnavailable)
        #expect(failureCode { _ = try ledger.beginEviction(a.id) } == .modelUnavailable)
        #expect(failureCode { try ledger.pin([a.id], countsAsUse: true) } == .modelUnavailable)
    }

    @Test func `A pinned block cannot be evicted until its last pin is gone`() throws {
        var ledger = try resident([a])
        try ledger.pin([a.id], countsAsUse: false)
        try ledger.pin([a.id], countsAsUse: true)
        #expect(ledger.pinned == 40)
        ledger.unpin([a.id])
        #expect(failureCode { _ = try ledger.beginEviction(a.id) } == .memoryUnavailable)
        ledger.unpin([a.id])
        #expect(ledger.pinned == 0)
        #expect(try ledger.beginEviction(a.id))
        #expect(ledger.used == 40, "bytes count until the engine has freed them")
        ledger.finishEviction(a.id)
        #expect(ledger.used == 0)
        #expect(ledger.counters.evictions == 1)
    }

    @Test func `Pins are all or none`() throws {
        var ledger = try resident([a])
        #expect(failureCode { try ledger.pin([a.id, b.id], countsAsUse: true) } == .modelUnavailable)
        #expect(ledger.pinned == 0)
        #expect(try ledger.beginEviction(a.id))
    }

    @Test func `Evicting an absent block is nothing`() throws {
        var ledger = ResidencyLedger(limit: 100)
        #expect(try !ledger.beginEviction(a.id))
    }

    @Test func `Every use but the one a block was loaded for is a hit`() throws {
        var ledger = try resident([a])
        for _ in 0..<3 {
            try ledger.pin([a.id], countsAsUse: true)
            ledger.unpin([a.id])
        }
        try ledger.pin([a.id], countsAsUse: false)
        #expect(ledger.counters.hits == 2)
        #expect(ledger.counters.bytesReused == 80)
        #expect(ledger.hitsByBlock == [a.id: 2])
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `Random loads, evictions and pins never break the account`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var model = LedgerModel(limit: Int.random(in: 0...200, using: &random))
        for _ in 0..<600 { model.step(using: &random) }
    }

    private func resident(_ blocks: [ParameterBlock]) throws -> ResidencyLedger {
        var ledger = ResidencyLedger(limit: 100)
        for block in try ledger.beginLoads(blocks) { try ledger.finishLoad(block.id, measured: block.size) }
        return ledger
    }
}

/// A second, naive account beside the ledger, which must always agree with it.
private struct LedgerModel {
    private var ledger: ResidencyLedger
    private var sizes: [BlockID: Int] = [:]
    private var loading: Set<BlockID> = []
    private var evicting: Set<BlockID> = []
    private var pins: [BlockID: Int] = [:]
    private let blocks = (0..<8).map { ParameterBlock.named("b\($0)", bytes: 7 * $0) }

    init(limit: Int) {
        ledger = ResidencyLedger(limit: ByteCount(limit))
    }

    mutating func step(using random: inout SeededGenerator) {
        let block = blocks[Int.random(in: 0..<8, using: &random)]
        switch Int.random(in: 0..<7, using: &random) {
        case 0, 1: load(blocks.shuffled(using: &random).prefix(2))
        case 2: finish(block, measured: Int.random(in: 0...90, using: &random))
        case 3: abandon(block)
        case 4: evict(block)
        case 5: pin(block)
        default: unpin(block)
        }
        check()
    }

    private var used: Int { sizes.values.reduce(0, +) }

    private mutating func load(_ order: ArraySlice<ParameterBlock>) {
        let missing = order.filter { sizes[$0.id] == nil }
        let isFree = order.allSatisfy { !loading.contains($0.id) && !evicting.contains($0.id) }
        let fits = used + missing.reduce(0) { $0 + $1.size.rawValue } <= ledger.limit.rawValue
        let begun = try? ledger.beginLoads(Array(order))
        #expect(begun == (isFree && fits ? Array(missing) : nil))
        for block in begun ?? [] {
            sizes[block.id] = block.size.rawValue
            loading.insert(block.id)
        }
    }

    private mutating func finish(_ block: ParameterBlock, measured: Int) {
        guard loading.remove(block.id) != nil, let reserved = sizes.removeValue(forKey: block.id) else {
            guard evicting.remove(block.id) != nil else { return }
            sizes[block.id] = nil
            return ledger.finishEviction(block.id)
        }
        _ = reserved
        let fits = used + measured <= ledger.limit.rawValue
        #expect(((try? ledger.finishLoad(block.id, measured: ByteCount(measured))) != nil) == fits)
        if fits { sizes[block.id] = measured }
    }

    private mutating func abandon(_ block: ParameterBlock) {
        guard loading.remove(block.id) != nil else { return }
        ledger.abandonLoad(block.id, engineFailed: true)
        sizes[block.id] = nil
    }

    private mutating func evict(_ block: ParameterBlock) {
        let isResident = sizes[block.id] != nil && !loading.contains(block.id) && !evicting.contains(block.id)
        let begun = try? ledger.beginEviction(block.id)
        #expect((begun == true) == (isResident && pins[block.id, default: 0] == 0))
        if begun == true { evicting.insert(block.id) }
    }

    private mutating func pin(_ block: ParameterBlock) {
        let isResident = sizes[block.id] != nil && !loading.contains(block.id) && !evicting.contains(block.id)
        #expect(((try? ledger.pin([block.id], countsAsUse: true)) != nil) == isResident)
        if isResident { pins[block.id, default: 0] += 1 }
    }

    private mutating func unpin(_ block: ParameterBlock) {
        guard let count = pins[block.id], count > 0 else { return }
        ledger.unpin([block.id])
        pins[block.id] = count - 1
    }

    private func check() {
        let pinned = pins.filter { $0.value > 0 }.keys.reduce(0) { $0 + (sizes[$1] ?? 0) }
        #expect(ledger.used.rawValue == used)
        #expect(ledger.used <= ledger.limit)
        #expect(ledger.pinned.rawValue == pinned)
        #expect(ledger.entries.count == sizes.count)
    }
}

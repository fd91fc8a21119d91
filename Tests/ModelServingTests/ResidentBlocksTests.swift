import ModelServing
import ServingCore
import Synchronization
import TestSupport
import Testing

struct ResidentBlocksTests {
    private let a = ParameterBlock.named("a", bytes: 40)
    private let b = ParameterBlock.named("b", bytes: 50)

    private func make(_ plans: [BlockID: FakeEngine.Plan] = [:], limit: ByteCount = 100) -> (FakeEngine, ResidentBlocks)
    {
        let known: [BlockID: FakeEngine.Plan] = [a.id: .init(size: 40), b.id: .init(size: 50)]
        let engine = FakeEngine(known.merging(plans) { _, given in given })
        return (engine, ResidentBlocks(limit: limit, engine: engine) { id in "store/\(id)" })
    }

    @Test func `A block is loaded once, from its file, and used from then on`() throws {
        let (engine, blocks) = make([a.id: .init(size: 33)])
        #expect(try blocks.load(a).size == 33)
        #expect(try blocks.load(a).size == 33)
        #expect(engine.log.loads.map(\.file) == ["store/a"])
        #expect(blocks.isResident(a.id))
        #expect(blocks.ledger.used == 33)
    }

    @Test func `A load over the cap does not reach the engine`() {
        let (engine, blocks) = make(limit: 39)
        #expect(failureCode { try blocks.load(a) } == .memoryUnavailable)
        #expect(engine.log.loads.isEmpty)
    }

    @Test func `A block larger than it said, and than the cap, does not stay`() throws {
        let (engine, blocks) = make([a.id: .init(size: 101)])
        #expect(failureCode { try blocks.load(a) } == .memoryUnavailable)
        #expect(engine.log.liveBytes == 0)
        #expect(blocks.ledger.used == 0)
    }

    @Test func `A load that fails gives its bytes back and may be tried again`() throws {
        let (engine, blocks) = make([a.id: .init(loadError: ServingError(.engineFailed, "damaged"))])
        for _ in 0..<2 { #expect(failureCode { try blocks.load(a) } == .engineFailed) }
        #expect(engine.log.loads.count == 2)
        #expect(blocks.ledger.used == 0)
        #expect(blocks.ledger.counters.failures == 2)
    }

    @Test func `An unknown file fails the load alone`() throws {
        let blocks = ResidentBlocks(limit: 100, engine: FakeEngine()) { id throws(ServingError) in
            if id.hash == "a" { throw ServingError(.unknownModel, "no block \(id)") }
            return "store/\(id)"
        }
        #expect(failureCode { try blocks.load(a) } == .unknownModel)
        try blocks.load(b)
        #expect(blocks.isResident(b.id))
    }

    @Test func `An evicted block's memory is free when evict returns`() throws {
        let (engine, blocks) = make()
        try blocks.load(a)
        #expect(engine.log.liveBytes == 40)
        #expect(try blocks.evict(a.id))
        #expect(engine.log.liveBytes == 0)
        #expect(try !blocks.evict(a.id))
    }

    @Test func `Shared blocks stay while one of the models that use them is pinned`() throws {
        let (engine, blocks) = make()
        try blocks.load(a)
        try blocks.load(b)
        let first = try blocks.pin(.chain("first", blocks: [a, b]))
        let second = try blocks.pin(.chain("second", blocks: [a]))
        first.release()
        first.release()
        #expect(try blocks.evict(b.id))
        #expect(failureCode { try blocks.evict(a.id) } == .memoryUnavailable)
        #expect(engine.log.liveBytes == 40)
        second.release()
        #expect(try blocks.evict(a.id))
    }

    @Test func `The last reference to a pinned model releases it`() throws {
        let (_, blocks) = make()
        try blocks.load(a)
        var pinned: PinnedModel? = try blocks.pin(.chain("m", blocks: [a]))
        #expect(blocks.ledger.pinned == 40)
        #expect(pinned != nil)
        pinned = nil
        #expect(blocks.ledger.pinned == 0)
    }

    @Test func `A model with a block missing is not pinned at all`() throws {
        let (_, blocks) = make()
        try blocks.load(a)
        #expect(failureCode { _ = try blocks.pin(.chain("m", blocks: [a, b])) } == .modelUnavailable)
        #expect(blocks.ledger.pinned == 0)
    }

    @Test func `A model that was pinned before does not keep an evicted block in memory`() throws {
        let (engine, blocks) = make()
        try blocks.load(a)
        try blocks.load(b)
        let model = ServableModel.chain("m", blocks: [a, b])
        try blocks.pin(model).release()
        #expect(try blocks.evict(a.id))
        #expect(engine.log.liveBytes == 50)
        #expect(failureCode { _ = try blocks.pin(model) } == .modelUnavailable)
        try blocks.load(a)
        try blocks.pin(model).release()
        #expect(blocks.ledger.counters.hits == 1)
    }

    @Test func `A model that changed under its name is pinned as it is now`() throws {
        let (_, blocks) = make()
        try blocks.load(a)
        try blocks.load(b)
        try blocks.pin(.chain("m", blocks: [a])).release()
        let changed = try blocks.pin(.chain("m", blocks: [b]))
        #expect(changed.model.blocks == [b])
        #expect(blocks.ledger.pinned == 50)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `Threads that load, pin and evict at once never pass the cap`(seed: UInt64) async throws {
        let all = (0..<6).map { ParameterBlock.named("b\($0)", bytes: 10 + 5 * $0) }
        let plans = all.map { ($0.id, FakeEngine.Plan(size: $0.size)) }
        let (engine, blocks) = make(Dictionary(uniqueKeysWithValues: plans), limit: 60)
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 as Range<UInt64> {
                group.addTask { Self.churn(blocks, all, seed: seed * 4 + worker) }
            }
        }
        // The engine counts what is really alive: an evicted block must be gone before the next one gets its bytes.
        #expect(engine.log.peakBytes <= 60)
        #expect(blocks.ledger.pinned == 0)
        for block in all { try blocks.evict(block.id) }
        #expect(engine.log.liveBytes == 0)
        #expect(blocks.ledger.used == 0)
    }

    private static func churn(_ blocks: ResidentBlocks, _ all: [ParameterBlock], seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            let block = all[Int.random(in: 0..<all.count, using: &random)]
            switch Int.random(in: 0..<3, using: &random) {
            case 0: _ = try? blocks.load(block)
            case 1: _ = try? blocks.evict(block.id)
            default: (try? blocks.pin(.chain("m", blocks: [block])))?.release()
            }
        }
    }
}

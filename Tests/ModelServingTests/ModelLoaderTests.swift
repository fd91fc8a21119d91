import ModelServing
import ServingCore
import Synchronization
import TestSupport
import Testing

struct ModelLoaderTests {
    private let a = ParameterBlock.named("a", bytes: 40)
    private let b = ParameterBlock.named("b", bytes: 50)
    private let c = ParameterBlock.named("c", bytes: 60)

    private func make(_ plans: [BlockID: FakeEngine.Plan] = [:]) -> (FakeEngine, ResidentBlocks, ModelLoader) {
        let known = [a, b, c].map { ($0.id, FakeEngine.Plan(size: $0.size)) }
        let engine = FakeEngine(Dictionary(uniqueKeysWithValues: known).merging(plans) { _, given in given })
        let blocks = ResidentBlocks(limit: 100, engine: engine) { id in "store/\(id)" }
        let clock = TickingClock(step: .milliseconds(3))
        return (engine, blocks, ModelLoader(blocks: blocks, clock: { clock.now() }))
    }

    @Test func `Evictions come first, then only the missing blocks are loaded, each timed`() throws {
        let (engine, blocks, loader) = make()
        #expect(loader.carryOut(ResidencyOrder(evictions: [], loads: [a, b])).failure == nil)
        let report = loader.carryOut(ResidencyOrder(evictions: [b.id], loads: [a, c]))
        #expect(report.failure == nil)
        #expect(report.evicted == [b.id])
        #expect(report.loads.map(\.block) == [c])
        #expect(report.loadDuration == .milliseconds(3))
        #expect(engine.log.loads.map(\.id) == [a.id, b.id, c.id])
        #expect(engine.log.peakBytes == 100)
        #expect(blocks.ledger.used == 100)
    }

    @Test func `An order that does not fit loads nothing`() {
        let (engine, _, loader) = make()
        let report = loader.carryOut(ResidencyOrder(evictions: [], loads: [a, b, c]))
        #expect(report.failure?.code == .memoryUnavailable)
        #expect(engine.log.loads.isEmpty)
    }

    @Test func `A failing load keeps what was loaded before and gives back what was reserved after`() {
        let damaged = FakeEngine.Plan(loadError: ServingError(.engineFailed, "damaged"))
        let (_, blocks, loader) = make([b.id: damaged])
        let small = ParameterBlock.named("d", bytes: 10)
        let report = loader.carryOut(ResidencyOrder(evictions: [], loads: [a, b, small]))
        #expect(report.failure?.code == .engineFailed)
        #expect(report.failedBlock == b.id)
        #expect(report.loads.map(\.block) == [a])
        #expect(blocks.ledger.used == 40)
        #expect(!blocks.isResident(small.id))
    }

    @Test func `A pinned block stops the order before anything is loaded`() throws {
        let (engine, blocks, loader) = make()
        try blocks.load(a)
        let pinned = try blocks.pin(.chain("m", blocks: [a]))
        let report = loader.carryOut(ResidencyOrder(evictions: [a.id], loads: [b]))
        #expect(report.failure?.code == .memoryUnavailable)
        #expect(report.failedBlock == a.id)
        #expect(engine.log.loads.map(\.id) == [a.id])
        pinned.release()
    }
}

import LoadScheduling
import ServingCore
import TestSupport
import Testing

@testable import Dispatching

struct AcceleratorTests {
    /// Four models of two blocks each; the first block is the same for pairs of them.
    private static func server(memory: Int) -> EdgeServer {
        EdgeServer(
            blocks: [3, 4, 1, 2, 1, 2].map { EdgeServer.Block(bytes: $0, loadSeconds: 0.01) },
            models: [[0, 2], [0, 3], [1, 4], [1, 5]].map {
                EdgeServer.Model(blocks: $0, baseSeconds: 0.01, itemSeconds: 0.001)
            },
            memoryBytes: memory
        )
    }

    private static func accelerator(lanes: Int, on server: EdgeServer) -> Accelerator {
        var accelerator = Accelerator(lanes: lanes)
        for _ in server.models { accelerator.appendModel() }
        return accelerator
    }

    private static func batch(_ model: Int, slots: [Int] = [0], takes seconds: Double = 0.02) -> BatchStart {
        BatchStart(
            model: model,
            slots: slots,
            likelySeconds: seconds,
            expectedSeconds: 2 * seconds,
            isBeside: false,
            endBy: .infinity
        )
    }

    private static func load(_ blocks: [Int], for model: Int, evicting evicted: [Int] = []) -> LoadStart {
        LoadStart(
            purpose: .batch,
            model: model,
            evict: evicted,
            load: blocks,
            likelySeconds: 0.01,
            expectedSeconds: 0.02
        )
    }

    @Test func `a block is usable when its load has ended, and counts as resident from its start`() {
        let server = Self.server(memory: 100)
        var accelerator = Self.accelerator(lanes: 1, on: server)
        let order = accelerator.start(Self.load([0, 2], for: 0))
        #expect(accelerator.isResident(server.models[0]) && !accelerator.isUsable(server.models[0]))
        #expect(accelerator.missing(of: server.models[1]) == [3])
        let (stranger, ended) = (accelerator.finishLoad(OrderID(rawValue: 99)), accelerator.finishLoad(order))
        #expect(stranger == nil)
        #expect(ended?.blocks == [0, 2])
        #expect(accelerator.isUsable(server.models[0]))
    }

    @Test func `a lane is free when the first of the batches on all lanes ends`() {
        let server = Self.server(memory: 100)
        var accelerator = Self.accelerator(lanes: 2, on: server)
        accelerator.advance(to: 1)
        _ = accelerator.start(Self.batch(0, takes: 0.5), on: server)
        #expect(accelerator.hasFreeLane && accelerator.state.executorFree == 1)
        let second = accelerator.start(Self.batch(2, takes: 0.25), on: server).order
        #expect(!accelerator.hasFreeLane && accelerator.state.executorFree == 1.5 && accelerator.likelyLaneFree == 1.25)
        #expect(accelerator.state.executing == BlockSet([0, 1, 2, 4]))
        let ended = accelerator.finishBatch(second, on: server)
        #expect(ended?.model == 2)
        #expect(accelerator.state.executing == BlockSet([0, 2]))
    }

    @Test func `the part of other lanes that was busy during a batch is their time over its own`() {
        let server = Self.server(memory: 100)
        var accelerator = Self.accelerator(lanes: 3, on: server)
        accelerator.advance(to: 1)
        let batch = accelerator.start(Self.batch(0), on: server)
        #expect(batch.busyPart == 0 && accelerator.busyPart == 0.5)
        accelerator.advance(to: 2)
        let other = accelerator.start(Self.batch(2), on: server)
        accelerator.advance(to: 4)
        _ = accelerator.finishBatch(other.order, on: server)
        accelerator.advance(to: 5)
        _ = accelerator.finishBatch(batch.order, on: server)
        #expect(accelerator.busyPart(during: batch) == 0.25)
    }

    @Test func `what could not be evicted beside a batch is left alone until one ends`() throws {
        let server = Self.server(memory: 7)
        var accelerator = Self.accelerator(lanes: 1, on: server)
        _ = accelerator.finishLoad(accelerator.start(Self.load([0, 2], for: 0)))
        let batch = accelerator.start(Self.batch(0), on: server).order
        let order = accelerator.start(Self.load([1], for: 2, evicting: [2]))
        let ended = accelerator.finishLoad(order)
        let isHeld = accelerator.adopt(resident: BlockSet([0, 2]), after: try #require(ended))
        #expect(isHeld)
        let rule = EvictionRule.leastRecentlyUsed(accelerator.lastUsed)
        let evicted = accelerator.eviction(loading: [1, 4], of: 2, keeping: BlockSet(), on: server, by: rule)
        #expect(evicted == [0])
        _ = accelerator.finishBatch(batch, on: server)
        #expect(accelerator.unevictable.isEmpty)
    }

    @Test func `an overdue batch is told to end once`() {
        let server = Self.server(memory: 100)
        var accelerator = Self.accelerator(lanes: 2, on: server)
        let orders = (0..<2).map { _ in accelerator.start(Self.batch(0), on: server).order }
        accelerator.bound(orders[1], by: 3)
        #expect(accelerator.nextOverdue == 3)
        var told = [accelerator.takeOverdue()]
        accelerator.advance(to: 3)
        for _ in 0..<2 { told.append(accelerator.takeOverdue()) }
        #expect(told.map { $0.map(\.order) } == [[], [orders[1]], []])
        #expect(accelerator.nextOverdue == .infinity)
    }

    @Test func `a failed load is tried once more, and after one that succeeded once more again`() {
        let server = Self.server(memory: 100)
        var accelerator = Self.accelerator(lanes: 1, on: server)
        let tries = (0..<3).map { _ in accelerator.mayRetry(0) }
        #expect(tries == [true, false, true])
        accelerator.noteSettled(0)
        let more = (0..<2).map { _ in accelerator.mayRetry(0) }
        #expect(more == [true, false])
    }

    @Test(arguments: UInt64(0)..<20, [1, 2, 4])
    func `memory is never exceeded, and nothing in use is evicted, whatever happens in whatever order`(
        seed: UInt64,
        lanes: Int
    ) {
        var random = SeededGenerator(seed: seed)
        let server = Self.server(memory: .random(in: 5...14, using: &random))
        var machine = Machine(accelerator: Self.accelerator(lanes: lanes, on: server), server: server)
        for _ in 0..<400 {
            machine.step(&random)
            #expect(machine.brokenRules == [], "seed \(seed), \(lanes) lanes")
        }
    }

    /// An accelerator to which things happen at random.
    private struct Machine {
        var accelerator: Accelerator
        let server: EdgeServer
        var now = 0.0

        mutating func step(_ random: inout SeededGenerator) {
            now += .random(in: 0...0.01, using: &random)
            accelerator.advance(to: now)
            let model = Int.random(in: 0..<4, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: startLoad(of: model, &random)
            case 2:
                guard let load = accelerator.load, let ended = accelerator.finishLoad(load.order) else { return }
                if Bool.random(using: &random), let block = ended.blocks.first { accelerator.lose(block) }
            case 3:
                guard accelerator.hasFreeLane, accelerator.isUsable(server.models[model]) else { return }
                _ = accelerator.start(AcceleratorTests.batch(model), on: server)
            case 4:
                guard let batch = accelerator.running.randomElement(using: &random) else { return }
                _ = accelerator.finishBatch(batch.order, on: server)
            default:
                let isPin = Bool.random(using: &random) && accelerator.isUsable(server.models[model])
                accelerator.setPinned(isPin ? server.models[model].blockSet : BlockSet())
            }
        }

        private mutating func startLoad(of model: Int, _ random: inout SeededGenerator) {
            guard accelerator.load == nil else { return }
            let missing = accelerator.missing(of: server.models[model])
            let uses = (0..<4).map { BatchOutline(model: $0, count: 1, deadline: 1) }.shuffled(using: &random)
            let rule: EvictionRule =
                Bool.random(using: &random) ? .leastRecentlyUsed(accelerator.lastUsed) : .furthestUse(by: uses)
            let kept = accelerator.state.executing
            let evicted = accelerator.eviction(loading: missing, of: model, keeping: kept, on: server, by: rule)
            guard let evicted else { return }
            let used = [accelerator.state.executing, accelerator.state.pinned, server.models[model].blockSet]
            #expect(evicted.allSatisfy { block in used.allSatisfy { !$0.contains(block) } })
            _ = accelerator.start(AcceleratorTests.load(missing, for: model, evicting: evicted))
        }

        /// In words; empty where all is well.
        var brokenRules: [String] {
            let state = accelerator.state
            var rules: [String] = []
            if server.bytes(of: state.resident) > server.memoryBytes { rules.append("more is resident than fits") }
            if state.loading != BlockSet(accelerator.load?.blocks ?? []) { rules.append("something else loads") }
            if !state.loading.isSubset(of: state.resident) { rules.append("what loads takes no room") }
            var executing = BlockSet()
            for batch in accelerator.running { executing.formUnion(server.models[batch.model].blockSet) }
            if state.executing != executing { rules.append("something else executes") }
            if !executing.isSubset(of: state.resident) { rules.append("a running batch lacks a block") }
            if Set(accelerator.running.map(\.lane)).count < accelerator.running.count {
                rules.append("a lane runs two batches")
            }
            if accelerator.running.count > accelerator.lanes { rules.append("more batches run than there are lanes") }
            if state.executorFree < state.now || state.loaderFree < state.now { rules.append("free in the past") }
            return rules
        }
    }
}

import LoadScheduling
import ServingCore
import TestSupport
import Testing

@testable import Dispatching

struct CostModelTests {
    private static func model(caution: Double = 1) -> CostModel {
        var costs = CostModel(server: EdgeServer(memoryBytes: 100), estimates: EstimateConfiguration())
        for (place, bytes) in [1000, 1000, 2000, 5000].enumerated() {
            costs.insertBlock(at: place, bytes: bytes, measured: place == 3 ? 0.02 : nil, caution: caution)
        }
        for (place, blocks) in [[0, 2], [1, 2], [3]].enumerated() {
            let estimate = ComputeEstimate(base: 0.002, item: 0.001, isMeasured: place == 2)
            let model = EdgeServer.Model(blocks: blocks, baseSeconds: 0, itemSeconds: 0)
            let shape = blocks.map { costs.server.blocks[$0].bytes }
            costs.insert(model, at: place, estimate, shape: shape, caution: caution)
        }
        costs.groupBlocks()
        return costs
    }

    private static func sample(_ model: Int, seconds: Double, requests: Int = 4) -> CostModel.BatchSample {
        CostModel.BatchSample(
            model: model,
            runs: 1,
            requests: requests,
            seconds: seconds,
            overlap: 0,
            wasBeside: false
        )
    }

    @Test func `models of one shape are one, and the server has what was learned of either`() {
        var costs = Self.model()
        for _ in 0..<20 { _ = costs.observe(Self.sample(0, seconds: 0.03), at: 1, caution: 1) }
        #expect(costs.server.models[1].itemSeconds == costs.server.models[0].itemSeconds)
        #expect((0.02...0.04).contains(costs.seconds(of: 1, requests: 4)))
    }

    @Test func `caution counts from the next call that tells it, and is gone with the next that does not`() {
        var costs = Self.model()
        _ = costs.publish(caution: 1)
        let before = costs.server
        var moves = [costs.publish(caution: 1.5)]
        #expect(abs(costs.server.models[2].baseSeconds / before.models[2].baseSeconds - 1.5) < 1e-9)
        #expect(abs(costs.server.blocks[3].loadSeconds / before.blocks[3].loadSeconds - 1.5) < 1e-9)
        moves.append(costs.publish(caution: 1.5 * (1 + CostModel.worthwhileMove / 2)))
        moves.append(costs.publish(caution: 1))
        #expect(moves == [true, false, true])
        #expect(costs.server.models.map(\.baseSeconds) == before.models.map(\.baseSeconds))
    }

    @Test func `a block that is used more often is worth more, and half of that after ten seconds`() {
        var costs = Self.model()
        _ = costs.publish(caution: 1)
        costs.noteUse(of: 0, at: 0)
        costs.noteUse(of: 1, at: 10)
        let retention = costs.server.blocks.map(\.retention)
        #expect(abs(retention[1] - 2 * retention[0]) < 1e-12)
        #expect(retention[3] == 0)
        costs.noteUse(of: 2, at: 1e5)
        #expect(costs.server.blocks[0].retention < 1e-9 * costs.server.blocks[3].retention)
    }

    @Test func `an estimate that refuses and that nothing has confirmed for long is halved, with the blocks it misses`()
    {
        var costs = Self.model()
        let before = (costs.seconds(of: 2, requests: 1), costs.loads.seconds(of: 3))
        let isRelaxed = [0, 5, 5.1].map { costs.relaxIfStale(2, missing: [3], at: $0, caution: 1) }
        #expect(isRelaxed == [false, false, true])
        #expect(costs.seconds(of: 2, requests: 1) == before.0 / 2 && costs.loads.seconds(of: 3) == before.1 / 2)
    }

    @Test func `the place of a model that is gone is another's`() {
        var costs = Self.model()
        costs.clear(1)
        #expect(costs.server.models[1].blocks == [])
        let model = EdgeServer.Model(blocks: [3], baseSeconds: 0, itemSeconds: 0)
        let estimate = ComputeEstimate(base: 0.01, item: 0.01, isMeasured: true)
        costs.insert(model, at: 1, estimate, shape: [9], caution: 1)
        #expect(costs.server.models.count == 3)
        #expect(costs.server.models[1].baseSeconds == 0.01 * costs.batches.planFactor)
    }

    @Test(arguments: UInt64(0)..<20)
    func `what plans read follows from what is known, whatever is observed`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var costs = Self.model()
        _ = costs.publish(caution: 1)
        var now = 0.0
        for _ in 0..<300 {
            now += .random(in: 0...0.5, using: &random)
            let caution = Double.random(in: 1...1.6, using: &random)
            let seconds = Double.random(in: 1e-5...0.2, using: &random)
            let model = Int.random(in: 0..<3, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: _ = costs.observe(Self.sample(model, seconds: seconds), at: now, caution: caution)
            case 1:
                let block = Int.random(in: 0..<4, using: &random)
                let load = (block: block, bytes: costs.server.blocks[block].bytes, seconds: seconds)
                let overlap = Double.random(in: 0...1, using: &random)
                _ = costs.observe([load], overlap: overlap, wasBeside: overlap > 0.5, caution: caution)
            case 2: costs.noteUse(of: model, at: now)
            case 3:
                let isRelaxed = costs.relaxIfStale(model, missing: [0, 3], at: now, caution: caution)
                if isRelaxed { _ = costs.publish(caution: caution) }
            default: _ = costs.publish(caution: caution)
            }
            _ = costs.publish(caution: caution)
            #expect(Self.strayest(costs, caution) <= 1 + 2 * CostModel.worthwhileMove, "seed \(seed)")
        }
    }

    /// The greatest factor between what plans read and what is known.
    private static func strayest(_ costs: CostModel, _ caution: Double) -> Double {
        var ratios: [Double] = []
        for model in costs.server.models.indices {
            let known = costs.seconds(of: model, requests: 3) * costs.margin(caution: caution)
            ratios.append(costs.server.models[model].seconds(batch: 3) / known)
        }
        for block in costs.server.blocks.indices {
            ratios.append(costs.server.blocks[block].loadSeconds / (costs.loads.plannedSeconds(of: block) * caution))
        }
        #expect(ratios.allSatisfy { $0.isFinite && $0 > 0 })
        return ratios.reduce(1) { max($0, $1, 1 / $1) }
    }
}

import Dispatching
import ServingCore
import Testing

@testable import Gateway

@Suite struct ModelStateTests {
    private let blocks = [ParameterBlock(id: BlockID("a"), size: 6), ParameterBlock(id: BlockID("b"), size: 4)]

    private func state(
        _ outcomes: [BlockID: LoadResult.Outcome] = [:],
        problem: StoreProblem? = nil,
        limit: ByteCount = 10
    ) -> ModelState {
        var loads = LoadFindings()
        _ = loads.note(outcomes)
        return ModelState(problem: problem, blocks: blocks, loads: loads, limit: limit)
    }

    @Test func `a model that fits, with nothing wrong, is ready and has nothing to say`() {
        #expect(state() == .ready)
        #expect(state().reason == "")
    }

    @Test func `a model over the cap is not, by what its blocks were found to take`() {
        #expect(state(limit: 9).obstacle?.code == .memoryUnavailable)
        #expect(state([BlockID("a"): .loaded(.zero, size: 7)]).obstacle?.code == .memoryUnavailable)
        #expect(state([BlockID("a"): .tooLarge(7)]).obstacle?.code == .memoryUnavailable)
        #expect(state([BlockID("a"): .loaded(.zero, size: 5)], limit: 9).isReady)
    }

    @Test func `a block that could not be loaded makes it unavailable until it can`() {
        let failure = ServingError(.engineFailed, "the engine cannot load it")
        var loads = LoadFindings()
        let isNew = loads.note([BlockID("b"): .failed(failure)])
        #expect(isNew)
        let isNewAgain = loads.note([BlockID("b"): .failed(failure)])
        #expect(!isNewAgain)
        let failed = ModelState(problem: nil, blocks: blocks, loads: loads, limit: 10)
        #expect(failed.obstacle?.code == .modelUnavailable)
        #expect(failed.reason == "the engine cannot load it")
        #expect(failed.isWorthTrying)
        let isRepaired = loads.note([BlockID("b"): .loaded(.zero, size: 4)])
        #expect(isRepaired)
        #expect(ModelState(problem: nil, blocks: blocks, loads: loads, limit: 10) == .ready)
    }

    @Test func `a block of another model changes nothing`() {
        #expect(state([BlockID("c"): .failed(ServingError(.engineFailed, "no"))]) == .ready)
    }

    @Test func `want of room for the moment is no reason`() {
        #expect(state([BlockID("a"): .failed(ServingError(.memoryUnavailable, "full"))]) == .ready)
    }

    @Test func `what is wrong with its files decides first, and only remarks where it can be served`() {
        let lost = StoreProblem(reason: "a block is missing", isServable: false)
        #expect(state(problem: lost).reason == "a block is missing")
        #expect(state(problem: lost).obstacle?.code == .modelUnavailable)
        #expect(!state(problem: lost).isWorthTrying)
        let unread = StoreProblem(reason: "the manifest cannot be read", isServable: true)
        #expect(state(problem: unread).isReady)
        #expect(state(problem: unread).reason == "the manifest cannot be read")
    }

    @Test func `of the requests for a model whose load failed, one in five seconds may try`() {
        let metrics = GatewayMetrics(keptDecisions: 1) { .origin }
        let model = ServableModel(
            id: ModelID(name: "cat", version: 1),
            inputs: [],
            outputs: [],
            steps: [],
            slotCount: 0,
            outputSlots: []
        )
        let record = ModelRecord(model: model, account: metrics.account(named: "cat"))
        let now = MonotonicInstant.origin
        record.noteFailedLoad(at: now)
        #expect(!record.mayTryAgain(at: now.advanced(by: .seconds(4))))
        #expect(record.mayTryAgain(at: now.advanced(by: .seconds(5))))
        #expect(!record.mayTryAgain(at: now.advanced(by: .seconds(6))))
        #expect(record.mayTryAgain(at: now.advanced(by: .seconds(11))))
    }
}

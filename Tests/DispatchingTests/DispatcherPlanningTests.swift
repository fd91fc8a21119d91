import Dispatching
import LoadScheduling
import ServingCore
import Testing

/// When a planner is asked for a better order, and when its answer is taken.
struct DispatcherPlanningTests {
    private var bench = DispatcherBench()
    private static let ids = (1...3).map { RequestID(rawValue: UInt64($0)) }

    private func task(_ actions: [DispatchAction]) -> PlanningTask? {
        for case .plan(let task) in actions { return task }
        return nil
    }

    /// Three requests for two models of which only one fits at a time, in an order that loads three times.
    private mutating func fill() throws -> PlanningTask {
        bench.start {
            $0.memoryLimit = 11
            $0.maximumBatchSize = 1
        }
        let first = task(bench.arrive(1))
        var asked = first ?? task(bench.arrive(2, DispatcherBench.dog))
        if first != nil { _ = bench.arrive(2, DispatcherBench.dog) }
        asked = asked ?? task(bench.arrive(3))
        return try #require(asked)
    }

    @Test mutating func `an order that is no better by a margin is not taken`() throws {
        let task = try fill()
        let same = PlanningResult(number: task.number, batches: task.requests.map { [$0] })
        _ = bench.send(.planned(same), after: .milliseconds(2))
        #expect(bench.dispatcher.counters.plansDiscarded == 1)
        #expect(bench.dispatcher.counters.plansAdopted == 0)
    }

    @Test mutating func `the planner rests in proportion to what it took`() throws {
        let task = try fill()
        let same = PlanningResult(number: task.number, batches: task.requests.map { [$0] })
        _ = bench.send(.planned(same), after: .milliseconds(6))
        // A share of 0.03 of a core: 6 ms of every 200 ms.
        #expect(self.task(bench.arrive(4, DispatcherBench.dog)) == nil)
        #expect(self.task(bench.send(.tick, after: .milliseconds(190))) == nil)
        #expect(self.task(bench.arrive(5, DispatcherBench.dog)) == nil)
        #expect(self.task(bench.send(.tick, after: .milliseconds(10))) != nil)
    }

    @Test mutating func `the planner rests by what it worked, not by how long its answer took`() throws {
        let task = try fill()
        var same = PlanningResult(number: task.number, batches: task.requests.map { [$0] })
        same.work = .milliseconds(3)
        // It waited 50 ms for a core: by a share of 0.03 that would be a rest of more than a second.
        _ = bench.send(.planned(same), after: .milliseconds(50))
        #expect(self.task(bench.arrive(4, DispatcherBench.dog)) == nil)
        #expect(self.task(bench.send(.tick, after: .milliseconds(45))) == nil)
        #expect(self.task(bench.send(.tick, after: .milliseconds(6))) != nil)
    }

    /// One request for `cat` and three for `dog`, planned in an order of models and answered with another, long after all deadlines.
    private mutating func answerLate(first: ModelID, then last: ModelID) throws {
        bench.start { _ in }
        func count(_ model: ModelID) -> UInt64 { model == DispatcherBench.dog ? 3 : 1 }
        var asked: PlanningTask?
        var batches: [[RequestID]] = []
        for (model, base) in [(first, UInt64(10)), (last, 20)] {
            for number in base..<base + count(model) {
                let actions = bench.arrive(number, model, within: .milliseconds(500))
                #expect(bench.isAdmitted(actions))
                asked = asked ?? task(actions)
            }
            batches.insert((base..<base + count(model)).map { RequestID(rawValue: $0) }, at: 0)
        }
        let result = PlanningResult(number: try #require(asked).number, batches: batches)
        _ = bench.send(.planned(result), after: .seconds(1))
    }

    @Test mutating func `of plans that make as many late the one with less lateness is taken`() throws {
        try answerLate(first: DispatcherBench.cat, then: DispatcherBench.dog)
        #expect(bench.dispatcher.counters.plansAdopted == 1)
    }

    @Test mutating func `the one with more lateness is not`() throws {
        try answerLate(first: DispatcherBench.dog, then: DispatcherBench.cat)
        #expect(bench.dispatcher.counters.plansAdopted == 0)
        #expect(bench.dispatcher.counters.plansDiscarded == 1)
    }

    /// Two requests for `cat` and one for `dog` between them, whose own blocks take long to load and do not fit together; what
    /// becomes of the order that loads no block twice.
    private mutating func isTaken(
        dogWithin milliseconds: Int = 10_000,
        _ change: (inout DispatcherConfiguration) -> Void = { _ in }
    ) throws -> Bool {
        var catalog = DispatcherBench.catalog
        for index in catalog.models.indices {
            catalog.models[index].compute = DispatchCatalog.Compute(baseSeconds: 0.05, itemSeconds: 0)
        }
        catalog.loadSeconds = [BlockID("backbone"): 0, BlockID("cat.head"): 0.1, BlockID("dog.head"): 0.1]
        let configuration = DispatcherBench.configuration {
            $0.memoryLimit = 11
            $0.maximumBatchSize = 1
            change(&$0)
        }
        bench.dispatcher = Dispatcher(configuration: configuration, catalog: catalog)
        var asked: PlanningTask?
        for (id, model, within) in [
            (1, DispatcherBench.cat, 10_000), (2, DispatcherBench.dog, milliseconds), (3, DispatcherBench.cat, 10_000),
        ] {
            let actions = bench.arrive(UInt64(id), model, within: .milliseconds(within))
            #expect(bench.isAdmitted(actions))
            asked = asked ?? task(actions)
        }
        let sooner = PlanningResult(number: try #require(asked).number, batches: [1, 3, 2].map { [Self.ids[$0 - 1]] })
        _ = bench.send(.planned(sooner), after: .milliseconds(2))
        return bench.dispatcher.counters.plansAdopted == 1
    }

    @Test mutating func `an order that ends earlier is taken, unless it leaves newcomers less room`() throws {
        let (roomy, tight) = (try isTaken(), try isTaken(dogWithin: 900))
        #expect(roomy)
        #expect(!tight)
    }

    @Test mutating func `it is not taken where it hurries an upload that was promised a constant share`() throws {
        let uplink = UplinkConfiguration.rate(BitsPerSecond(8e6))
        let constant = try isTaken { $0.uplink = uplink }
        #expect(!constant)
        let varying = try isTaken {
            $0.uplink = uplink
            $0.allocation = .varying
        }
        #expect(varying)
    }
}

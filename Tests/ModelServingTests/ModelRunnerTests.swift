import ModelServing
import ServingCore
import TestSupport
import Testing

struct ModelRunnerTests {
    private static let x = TensorSpecification(name: "x", datatype: .uint8, shape: [-1, 4])

    private struct Setup {
        let engine: FakeEngine
        let blocks: ResidentBlocks
        let runner: ModelRunner
        let model: PinnedModel

        func run(_ requests: [[Tensor]]) -> BatchOutcome { runner.run(model, requests: requests) }
    }

    private func make(
        _ effects: [FakeEngine.Effect] = [.add(0)],
        tensors: [TensorSpecification] = [x],
        maximumBatchRows: Int = 1000,
        control: (any RunControl)? = nil
    ) throws -> Setup {
        let chain = effects.indices.map { ParameterBlock.named("b\($0)") }
        let plans = zip(chain, effects).map { ($0.id, FakeEngine.Plan($1)) }
        let engine = FakeEngine(Dictionary(uniqueKeysWithValues: plans))
        let blocks = ResidentBlocks(limit: 0, engine: engine) { id in "\(id)" }
        for block in chain { try blocks.load(block) }
        let clock = TickingClock(step: .milliseconds(2))
        return Setup(
            engine: engine,
            blocks: blocks,
            runner: ModelRunner(
                engine: engine,
                maximumBatchRows: maximumBatchRows,
                control: control,
                clock: { clock.now() }
            ),
            model: try blocks.pin(.chain("m", blocks: chain, tensors: tensors))
        )
    }

    private func rows(_ count: Int, of byte: UInt8 = 7, width: Int = 4, named name: String = "x") -> Tensor {
        let data = ByteRegion(copying: [UInt8](repeating: byte, count: count * width))
        return Tensor(name: name, datatype: .uint8, shape: [count, width], data: data)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `Every request of a batch gets its own rows back, through a chain of blocks`(seed: UInt64) throws {
        let setup = try make([.add(1), .add(2)], maximumBatchRows: 40)
        var random = SeededGenerator(seed: seed)
        let requests = (0..<50).map { _ in
            let count = Int.random(in: 0...5, using: &random)
            let bytes = (0..<count * 4).map { _ in UInt8.random(in: 0...255, using: &random) }
            return [Tensor(name: "x", datatype: .uint8, shape: [count, 4], data: ByteRegion(copying: bytes))]
        }
        let outcome = setup.run(requests)
        #expect(outcome.results.count == requests.count)
        for (request, result) in zip(requests, outcome.results) {
            let output = try #require(try result.get().first)
            #expect(output.shape == request[0].shape)
            #expect(output.data.array == request[0].data.array.map { $0 &+ 3 })
        }
        #expect(outcome.timing.runs.allSatisfy { $0.rowCount ?? .max <= 40 })
        #expect(outcome.timing.runs.reduce(0) { $0 + $1.requestCount } == 50)
        #expect(outcome.timing.runs.count < 50)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `Strings of any length come back to their owners`(seed: UInt64) throws {
        let specification = TensorSpecification(name: "s", datatype: .bytes, shape: [-1, 2])
        let setup = try make([.add(5)], tensors: [specification])
        var random = SeededGenerator(seed: seed)
        var expected: [[UInt8]] = []
        let requests = (0..<20).map { _ in
            let count = Int.random(in: 0...4, using: &random)
            let strings = (0..<count * 2).map { _ in
                (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            expected.append(wire(strings.map { $0.map { $0 &+ 5 } }))
            return [Tensor(name: "s", datatype: .bytes, shape: [count, 2], data: ByteRegion(copying: wire(strings)))]
        }
        let outcome = setup.run(requests)
        #expect(outcome.timing.runs.count == 1)
        #expect(try outcome.results.map { try $0.get()[0].data.array } == expected)
    }

    private func wire(_ strings: [[UInt8]]) -> [UInt8] {
        strings.flatMap { string in (0..<4).map { UInt8(truncatingIfNeeded: string.count >> (8 * $0)) } + string }
    }

    @Test func `Several inputs and outputs stay in the model's order`() throws {
        let other = TensorSpecification(name: "y", datatype: .uint8, shape: [-1, 2])
        let setup = try make([.add(0)], tensors: [Self.x, other])
        let requests = (1...3).map { [rows($0, of: UInt8($0)), rows($0, of: UInt8(10 * $0), width: 2, named: "y")] }
        let results = try setup.run(requests).results.map { try $0.get() }
        #expect(results.map { $0.map(\.name) } == Array(repeating: ["x", "y"], count: 3))
        #expect(results[2][1].data.array == [30, 30, 30, 30, 30, 30])
        #expect(results[1][0].data.array == [UInt8](repeating: 2, count: 8))
    }

    @Test func `Requests of different inner dimensions run apart`() throws {
        let wide = TensorSpecification(name: "x", datatype: .uint8, shape: [-1, -1])
        let setup = try make(tensors: [wide])
        let outcome = setup.run([[rows(1)], [rows(2, width: 5)], [rows(3)]])
        #expect(setup.engine.log.runs == [[4, 4], [2, 5]])
        #expect(try outcome.results.map { try $0.get()[0].shape } == [[1, 4], [2, 5], [3, 4]])
    }

    @Test func `A model whose first dimension is fixed runs its requests one by one`() throws {
        let setup = try make(tensors: [TensorSpecification(name: "x", datatype: .uint8, shape: [1, 4])])
        let outcome = setup.run([[rows(1, of: 1)], [rows(1, of: 2)]])
        #expect(setup.engine.log.runs == [[1, 4], [1, 4]])
        #expect(outcome.timing.runs.map(\.rowCount) == [nil, nil])
        #expect(outcome.timing.compute == .milliseconds(12))
        #expect(try outcome.results.map { try $0.get()[0].data.array } == [[1, 1, 1, 1], [2, 2, 2, 2]])
    }

    @Test func `A lone request's bytes are not copied`() throws {
        let setup = try make()
        let request = rows(3)
        let output = try setup.run([[request]]).results[0].get()[0]
        let addresses = [request, output].map { $0.data.withUnsafeBytes { $0.baseAddress } }
        #expect(addresses[0] == addresses[1])
    }

    @Test func `A request that does not fit the model fails alone`() throws {
        let setup = try make(maximumBatchRows: 8)
        let short = Tensor(name: "x", datatype: .uint8, shape: [2, 4], data: ByteRegion(copying: [1, 2, 3]))
        let long = Tensor(name: "x", datatype: .uint8, shape: [1, 4], data: ByteRegion(copying: [UInt8](0..<9)))
        let typed = Tensor(name: "x", datatype: .int8, shape: [0, 4], data: .empty)
        let huge = Tensor(name: "x", datatype: .uint8, shape: [.max, 4], data: .empty)
        let requests = [[rows(1)], [short], [long], [typed], [huge], [rows(1, width: 3)], [], [rows(9)], [rows(8)]]
        let outcome = setup.run(requests)
        let codes = outcome.results.map { result in failureCode { _ = try result.get() } }
        #expect(codes == [nil] + Array(repeating: .invalidField, count: 7) + [nil])
        #expect(setup.engine.log.runs == [[1, 4], [8, 4]])
    }

    private static let refusal = FakeEngine.Effect.refuse(66, ServingError(.invalidField, "index out of range"))

    @Test(arguments: 0..<10)
    func `Of a batch that fails only the request at fault gets an error, and it is its own`(place: Int) throws {
        let setup = try make([.add(0), Self.refusal])
        let requests = (0..<10).map { [rows(2, of: $0 == place ? 66 : UInt8($0))] }
        let outcome = setup.run(requests)
        for (index, result) in outcome.results.enumerated() {
            guard index != place else {
                #expect(failureCode { _ = try result.get() } == .invalidField)
                continue
            }
            #expect(try result.get()[0].data.array == [UInt8](repeating: UInt8(index), count: 8))
        }
        #expect(outcome.timing.runs.count { $0.succeeded } == 9)
        #expect(!outcome.timing.isTypical)
    }

    @Test func `A group that fails leaves other groups alone`() throws {
        let wide = TensorSpecification(name: "x", datatype: .uint8, shape: [-1, -1])
        let setup = try make([Self.refusal], tensors: [wide])
        let outcome = setup.run([[rows(1, of: 66)], [rows(2)], [rows(1, width: 5)], [rows(2, width: 5)]])
        let codes = outcome.results.map { result in failureCode { _ = try result.get() } }
        #expect(codes == [.invalidField, nil, nil, nil])
        #expect(setup.engine.log.runs == [[3, 4], [1, 4], [2, 4], [3, 5]])
    }

    @Test func `A failed batch does not run again what is overdue`() throws {
        let setup = try make([Self.refusal])
        let late = MonotonicInstant.origin.advanced(by: .milliseconds(1))
        let outcome = setup.runner.run(
            setup.model,
            requests: [[rows(1)], [rows(1, of: 66)], [rows(1)]],
            deadline: { $0 == 0 ? late : .distantFuture }
        )
        let codes = outcome.results.map { result in failureCode { _ = try result.get() } }
        #expect(codes == [.deadlinePassed, .invalidField, nil])
        #expect(setup.engine.log.runs == [[3, 4], [1, 4], [1, 4]])
    }

    @Test func `What was ended is not run again, and nothing runs until the control allows it`() throws {
        let control = RunFlag()
        let setup = try make([.add(1), .add(1)], control: control)
        control.terminate()
        let outcome = setup.run([[rows(1)], [rows(2)], [rows(3)]])
        #expect(outcome.results.allSatisfy { if case .failure(.runEnded) = $0 { true } else { false } })
        #expect(setup.engine.log.runs.isEmpty)
        control.rearm()
        #expect(try setup.run([[rows(1, of: 1)]]).results[0].get()[0].data.array == [3, 3, 3, 3])
    }

    @Test func `Where an output has other rows than its batch, each request gets what it gets alone`() throws {
        let setup = try make([.dropLastRow])
        let outcome = setup.run([[rows(2)], [rows(2)]])
        let codes = outcome.results.map { result in failureCode { _ = try result.get() } }
        #expect(codes == [nil, nil])
        #expect(setup.engine.log.runs == [[4, 4], [2, 4], [2, 4]])
    }

    @Test func `An output of another datatype than the model says is an error`() throws {
        let setup = try make([.retype(.int8)])
        #expect(failureCode { _ = try setup.run([[rows(1)]]).results[0].get() } == .engineFailed)
    }

    @Test func `Requests without rows are answered without rows`() throws {
        let setup = try make()
        let alone = try setup.run([[rows(0)]]).results[0].get()
        #expect(alone[0].shape == [0, 4])
        let together = try setup.run([[rows(0)], [rows(0)], [rows(1)]]).results.map { try $0.get()[0] }
        #expect(together.map(\.shape) == [[0, 4], [0, 4], [1, 4]])
        #expect(together.map(\.data.count) == [0, 0, 4])
    }

    @Test func `A model whose operators cannot take empty tensors gets none`() throws {
        let setup = try make()
        var model = setup.model.model
        model.refusesEmpty = true
        let pinned = try setup.blocks.pin(model)
        let outcome = setup.runner.run(pinned, requests: [[rows(0)], [rows(1)]])
        let codes = outcome.results.map { result in failureCode { _ = try result.get() } }
        #expect(codes == [.invalidField, nil])
        #expect(setup.engine.log.runs == [[1, 4]])
    }

    @Test func `A batch without requests runs nothing`() throws {
        let setup = try make()
        #expect(setup.run([]).results.isEmpty)
        #expect(setup.engine.log.runs.isEmpty)
    }

    @Test func `A released model does not run`() throws {
        let setup = try make()
        setup.model.release()
        #expect(failureCode { _ = try setup.run([[rows(1)]]).results[0].get() } == .internalError)
    }

    @Test func `A model that names a slot it does not have is an error, not a crash`() throws {
        let setup = try make()
        var model = setup.model.model
        model.outputSlots = [7]
        let pinned = try setup.blocks.pin(model)
        let outcome = setup.runner.run(pinned, requests: [[rows(1)]])
        #expect(failureCode { _ = try outcome.results[0].get() } == .internalError)
    }
}

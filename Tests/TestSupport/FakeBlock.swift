import ModelServing
import ServingCore

/// A block of ``FakeEngine``'s.
final class FakeBlock: LoadedBlock {
    let residentSize: ByteCount
    let inputs: [TensorSpecification] = []
    let outputs: [TensorSpecification] = []
    private let effect: FakeEngine.Effect
    private let engine: FakeEngine

    init(_ plan: FakeEngine.Plan, engine: FakeEngine) {
        residentSize = plan.size
        effect = plan.effect
        self.engine = engine
    }

    deinit {
        engine.note(bytes: .zero - residentSize)
    }

    func run(_ inputs: [any EngineTensor]) throws(ServingError) -> [any EngineTensor] {
        engine.noteRun(inputs.first?.shape ?? [])
        var outputs: [any EngineTensor] = []
        for input in inputs { outputs.append(try apply(FakeTensor(input))) }
        return outputs
    }

    private func apply(_ tensor: FakeTensor) throws(ServingError) -> FakeTensor {
        switch effect {
        case .add(let number): return tensor.adding(number)
        case .fail(let error): throw error
        case .refuse(let byte, let error):
            if tensor.data.array.contains(byte) { throw error }
            return tensor
        case .dropLastRow: return tensor.droppingLastRow()
        case .retype(let datatype): return FakeTensor(datatype: datatype, shape: tensor.shape, data: tensor.data)
        }
    }
}

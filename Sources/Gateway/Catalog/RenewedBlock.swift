internal import ModelServing
internal import ServingCore
private import Synchronization

/// A block that is loaded once more when its file became shorter or can no longer be read: before the next run where that is
/// seen then; a run during which it happens fails, and the one after it finds the block whole again.
final class RenewedBlock: LoadedBlock {
    private let load: @Sendable () throws(ServingError) -> any LoadedBlock
    private let block: Mutex<any LoadedBlock>
    let residentSize: ByteCount
    let inputs: [TensorSpecification]
    let outputs: [TensorSpecification]

    /// Holds what `load` gives, which is asked again when that is no longer sound.
    init(_ load: @escaping @Sendable () throws(ServingError) -> any LoadedBlock) throws(ServingError) {
        self.load = load
        let first = try load()
        (residentSize, inputs, outputs) = (first.residentSize, first.inputs, first.outputs)
        block = Mutex(first)
    }

    var isSound: Bool { block.withLock { $0 }.isSound }

    func run(_ inputs: [any EngineTensor]) throws(ServingError) -> [any EngineTensor] {
        try run(inputs, overwriting: [], control: nil)
    }

    func run(
        _ inputs: [any EngineTensor],
        overwriting: [Bool],
        control: (any RunControl)?
    ) throws(ServingError) -> [any EngineTensor] {
        try sound().run(inputs, overwriting: overwriting, control: control)
    }

    /// The block, loaded anew where it broke. Other runs of it wait for that; of other blocks they do not.
    private func sound() throws(ServingError) -> any LoadedBlock {
        try block.withLock { block throws(ServingError) in
            if !block.isSound { block = try load() }
            return block
        }
    }
}

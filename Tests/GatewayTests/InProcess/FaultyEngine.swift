import ModelServing
import ServingCore
import Synchronization
import TestSupport

/// ``FakeEngine`` with loads that fail and loads that wait, as a test says while it runs.
final class FaultyEngine: InferenceEngine {
    let name = "faulty"
    let version = "1"
    private let engine = FakeEngine()
    private let failing = Mutex<[BlockID: ServingError]>([:])
    private let gate = Gate()

    /// Has loads of the block called `name` fail with `error`, or succeed again.
    func fail(_ name: String, with error: ServingError?) {
        failing.withLock { $0[FakeStore.block(name).id] = error }
    }

    /// Has loads wait until ``open()``.
    func close() { gate.set(isOpen: false) }

    /// Lets all loads go on.
    func open() { gate.set(isOpen: true) }

    func load(block id: BlockID, from file: String) throws(ServingError) -> any LoadedBlock {
        gate.pass()
        if let error = failing.withLock({ $0[id] }) { throw error }
        return try engine.load(block: id, from: file)
    }

    func makeTensor(_ tensor: Tensor) throws(ServingError) -> any EngineTensor { try engine.makeTensor(tensor) }
}

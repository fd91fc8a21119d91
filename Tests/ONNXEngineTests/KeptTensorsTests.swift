import CONNXRuntime
import ServingCore
import Testing

@testable import ONNXEngine

extension ONNXEngineTests {
    /// Memory of tensors that is kept for the next run.
    struct KeptTensorsTests {
        @Test func `A freed tensor's memory is what the next of its size gets, and trimming gives it back`() throws {
            let runtime = try ONNXEngine().runtime
            ONNXEngine.trimHeap()
            #expect(ONNXEngine.keptBytes == .zero)
            let shape = [1 << 20]
            let first = try ORTTensor.empty(shape: shape, runtime: runtime).value.elements()
            #expect(ONNXEngine.keptBytes == ByteCount(4 << 20))
            let second = try ORTTensor.empty(shape: shape, runtime: runtime)
            #expect(try second.value.elements() == first)
            #expect(ONNXEngine.keptBytes == .zero)
            let smaller = try ORTTensor.empty(shape: [1 << 18], runtime: runtime)
            #expect(try smaller.value.elements() != first)
            withExtendedLifetime((second, smaller)) {}
        }

        @Test func `No more is kept than is allowed, and nothing small`() throws {
            let runtime = try ONNXEngine().runtime
            ONNXEngine.trimHeap()
            let limit = ONNXConfiguration.defaultKeptTensors
            for size in [1, 3, 9, 20, 11, 2] { _ = try ORTTensor.empty(shape: [size << 20], runtime: runtime) }
            #expect(ONNXEngine.keptBytes > .zero && ONNXEngine.keptBytes <= limit)
            _ = try ORTTensor.empty(shape: [limit.rawValue], runtime: runtime)
            #expect(ONNXEngine.keptBytes <= limit)
            ONNXEngine.trimHeap()
            _ = try ORTTensor.empty(shape: [1000], runtime: runtime)
            #expect(ONNXEngine.keptBytes == .zero)
        }
    }
}

import CONNXRuntime
import Dispatch
import Foundation
public import ModelServing
public import ServingCore

/// ONNX Runtime as the engine: a parameter block is a session, all sessions share one thread pool.
public struct ONNXEngine: InferenceEngine {
    let runtime: ORTRuntime

    /// What the engine is called.
    public let name = "onnxruntime"
    /// The library's version: "1.32.0".
    public var version: String { runtime.version }

    /// Opens the library and starts its threads, once per process.
    ///
    /// Throws `.engineFailed`, with every path that was tried, where the library is missing or too old, and where the
    /// process uses it with another configuration already.
    public init(_ configuration: ONNXConfiguration = ONNXConfiguration()) throws(ServingError) {
        runtime = try .shared(configuration)
    }

    /// Bytes allocated now through the allocator all sessions share: packed weights, and tensors that are in use.
    public static var allocatedBytes: ByteCount { ByteCount(Int(CONNXRuntime_allocatedBytes())) }

    /// Bytes of freed tensors that are kept for the next run.
    public static var keptBytes: ByteCount { ByteCount(Int(CONNXRuntime_keptBytes())) }

    /// Gives heap memory that sessions freed, and what is kept of tensors, back to the system; their weights go back by themselves.
    public static func trimHeap() { CONNXRuntime_trimHeap() }

    /// Bytes that are kept for blocks to come; see ``reserveMemory(_:keeping:)``.
    public static var reservedBytes: ByteCount { ByteCount(Int(CONNXRuntime_reservedBytes())) }

    /// Touches memory for `size` bytes of blocks page by page, and keeps what blocks give back; nothing kept with a limit of 0.
    ///
    /// Only whole huge pages of 2 MiB are kept; they go from block to block without being copied or cleared. Where weights are
    /// mapped they take none of it, and nothing is kept.
    public func reserveMemory(_ size: ByteCount, keeping limit: ByteCount, while goesOn: @Sendable () -> Bool) {
        if !mapsWeights(upTo: limit) { Self.reserve(size, keeping: limit, while: goesOn) }
    }

    /// Whether weights of `size` bytes can be used where they lie in their files.
    public func mapsWeights(upTo size: ByteCount) -> Bool { runtime.weights.canMap(max(size.rawValue, 1)) }

    /// The same for weights that are copied, whether they are or not.
    static func reserve(_ size: ByteCount, keeping limit: ByteCount, while goesOn: @Sendable () -> Bool = { true }) {
        CONNXRuntime_keepMemory(max(limit.rawValue, 0))
        let bytes = max(size.rawValue, 0)
        // Each core takes its part: a system that has to find memory first is slow, but not only once at a time.
        DispatchQueue.concurrentPerform(iterations: min(ProcessInfo.processInfo.activeProcessorCount, 8)) { _ in
            while goesOn(), CONNXRuntime_reservePage(bytes) != 0 {}
        }
    }

    /// Makes a control whose runs hold at most `memory` bytes of ONNX Runtime's tensors at one time.
    public func makeRunControl(memory: ByteCount) throws(ServingError) -> any RunControl {
        try ORTRunControl(api: runtime.api, memory: memory)
    }

    /// Makes a session, with all optimisations, of the model in `file`.
    ///
    /// Throws `.engineFailed` where the file is missing, damaged, or has an input or output that is not a tensor.
    public func load(block id: BlockID, from file: String) throws(ServingError) -> any LoadedBlock {
        try load(block: id, from: .file(file))
    }

    /// Hands a tensor to ONNX Runtime, which reads its bytes where they lie.
    ///
    /// Bytes that are not aligned to their element, and strings, are copied once. Throws `.invalidField` where the
    /// bytes are not what datatype and shape say.
    public func makeTensor(_ tensor: Tensor) throws(ServingError) -> any EngineTensor {
        try ORTTensor.make(tensor, runtime: runtime)
    }

    /// What a whole ONNX model, given as the bytes of its file, takes and gives; dimensions that vary are -1.
    ///
    /// The graph is loaded as it is written, without optimisation. A tensor without any shape reads like a scalar.
    /// Throws `.engineFailed` where it cannot be loaded or has an input or output that is not a tensor.
    public func tensorSpecifications(
        ofModelBytes bytes: ByteRegion
    ) throws(ServingError) -> (inputs: [TensorSpecification], outputs: [TensorSpecification]) {
        let api = runtime.api
        let pointer = try api.make("a session of the model") { out in
            bytes.withUnsafeBytes {
                api.functions.pointee.CreateSessionFromArray?(
                    runtime.environment,
                    $0.baseAddress,
                    $0.count,
                    runtime.inspectionOptions,
                    &out
                )
            }
        }
        let session = try ORTSession(owning: pointer, runtime: runtime)
        return (session.inputs, session.outputs)
    }
}

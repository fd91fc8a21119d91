import Foundation
import ModelServing
import ONNXEngine
import ServingCore
import Testing

/// Everything that needs ONNX Runtime's library; one after the other, because some of it measures memory.
@Suite(.serialized) struct ONNXEngineTests {
    /// The file of one of the models beside these tests.
    static func model(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Models/\(name).onnx").path
    }

    static func load(_ name: String) throws -> any LoadedBlock {
        try ONNXEngine().load(block: BlockID(name), from: model(name))
    }

    static func floats(_ values: [Float], shape: [Int], name: String = "x") -> Tensor {
        let bytes = values.withUnsafeBytes { ByteRegion(copying: $0) }
        return Tensor(name: name, datatype: .float32, shape: shape, data: bytes)
    }

    static func floats(_ region: ByteRegion) -> [Float] {
        region.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    /// A run of one block on tensors made of `inputs`.
    static func run(_ block: any LoadedBlock, _ inputs: [Tensor]) throws -> [any EngineTensor] {
        let engine = try ONNXEngine()
        return try block.run(inputs.map { tensor throws(ServingError) in try engine.makeTensor(tensor) })
    }
}

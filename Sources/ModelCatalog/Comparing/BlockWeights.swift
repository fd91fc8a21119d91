import Crypto
import FoundationEssentials

/// The weights of a block by type, shape and content, whatever they are called.
struct BlockWeights {
    /// The bytes of each weight, by type, shape and content.
    let bytes: [String: Int]

    /// The weights of `model` of at least `smallest` bytes; smaller tensors of more than one floating-point number count
    /// where `countsVectors`.
    init(of model: Onnx_ModelProto, smallest: Int = Self.settingByteLimit, countsVectors: Bool = false) {
        var bytes: [String: Int] = [:]
        for tensor in model.graph.initializer {
            let isLarge = tensor.storedByteCount >= smallest || tensor.isExternal
            guard isLarge || countsVectors && tensor.isVector else { continue }
            bytes[Self.key(of: tensor)] = max(tensor.storedByteCount, 1)
        }
        self.bytes = bytes
    }

    /// Smaller tensors are settings, in most files.
    static let settingByteLimit = 1024

    /// The type, shape and content of a tensor in canonical form.
    static func key(of tensor: Onnx_TensorProto) -> String { "\(tensor.typeAndShape) \(content(of: tensor))" }

    private static func content(of tensor: Onnx_TensorProto) -> String {
        let file = tensor.externalData.first { $0.key == "location" }?.value
        return file ?? SHA256.hash(data: tensor.rawData).hexadecimal
    }
}

extension Onnx_TensorProto {
    /// The element type's number and the extents.
    var typeAndShape: String { "\(dataType) \(dims)" }

    /// Whether it holds several floating-point numbers in dimensions, as weights do and most settings do not.
    var isVector: Bool {
        let floating: [DataType] = [.float, .double, .float16, .bfloat16]
        return floating.contains { Int32($0.rawValue) == dataType } && dims.contains { $0 > 1 }
    }
}

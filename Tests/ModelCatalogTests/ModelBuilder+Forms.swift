import FoundationEssentials
import SwiftProtobuf

@testable import ModelCatalog

extension ModelBuilder {
    /// Adds a constant of integers.
    mutating func integers(_ name: String, _ values: [Int64]) {
        var tensor = Onnx_TensorProto()
        tensor.name = name
        tensor.dims = [Int64(values.count)]
        tensor.dataType = Int32(Onnx_TensorProto.DataType.int64.rawValue)
        tensor.int64Data = values
        proto.graph.initializer.append(tensor)
    }

    /// Adds a matrix of four rows and two columns.
    mutating func matrix(_ name: String) {
        weights(name, [1, 2, 3, 4, 5, 6, 7, 8])
        proto.graph.initializer[proto.graph.initializer.count - 1].dims = [4, 2]
    }

    static func boolean(_ name: String, _ value: Bool) -> Onnx_TensorProto {
        var tensor = Onnx_TensorProto()
        tensor.name = name
        tensor.dataType = Int32(Onnx_TensorProto.DataType.bool.rawValue)
        tensor.rawData = Data([value ? 1 : 0])
        return tensor
    }

    static func attribute(_ name: String, float value: Float) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        (attribute.name, attribute.type, attribute.f) = (name, .float, value)
        return attribute
    }

    static func attribute(_ name: String, list values: [Int64]) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        (attribute.name, attribute.type, attribute.ints) = (name, .ints, values)
        return attribute
    }

    func reshaped(_ shape: [Int]) -> ModelBuilder {
        var result = self
        result.proto.graph.input = proto.graph.input.map { Self.value($0.name, shape: shape) }
        result.proto.graph.output = proto.graph.output.map { Self.value($0.name, shape: shape) }
        return result
    }
}

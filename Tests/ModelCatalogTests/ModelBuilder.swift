import FoundationEssentials
import ServingCore
import SwiftProtobuf

@testable import ModelCatalog

/// Builds small ONNX models, node by node.
struct ModelBuilder {
    var proto = Onnx_ModelProto()

    init(inputs: [String] = ["x"], outputs: [String] = ["y"], shape: [Int] = [-1, 4]) {
        proto.irVersion = 8
        var operators = Onnx_OperatorSetIdProto()
        operators.version = 17
        proto.opsetImport = [operators]
        proto.graph = Self.graph(inputs: inputs, outputs: outputs, shape: shape)
    }

    static func graph(inputs: [String], outputs: [String], shape: [Int] = [-1, 4]) -> Onnx_GraphProto {
        var graph = Onnx_GraphProto()
        graph.name = "test"
        graph.input = inputs.map { Self.value($0, shape: shape) }
        graph.output = outputs.map { Self.value($0, shape: shape) }
        return graph
    }

    static func value(_ name: String, shape: [Int] = [-1, 4]) -> Onnx_ValueInfoProto {
        Onnx_ValueInfoProto(TensorSpecification(name: name, datatype: .float32, shape: shape), named: name)
    }

    static func node(
        _ operation: String,
        _ inputs: [String],
        _ outputs: [String],
        domain: String = "",
        attributes: [Onnx_AttributeProto] = []
    ) -> Onnx_NodeProto {
        var node = Onnx_NodeProto()
        node.opType = operation
        node.input = inputs
        node.output = outputs
        if !domain.isEmpty { node.domain = domain }
        node.attribute = attributes
        return node
    }

    static func attribute(_ name: String, _ value: Int64) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        attribute.name = name
        attribute.type = .int
        attribute.i = value
        return attribute
    }

    static func attribute(_ name: String, _ graph: Onnx_GraphProto) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        attribute.name = name
        attribute.type = .graph
        attribute.g = graph
        return attribute
    }

    static func attribute(_ name: String, _ tensor: Onnx_TensorProto) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        attribute.name = name
        attribute.type = .tensor
        attribute.t = tensor
        return attribute
    }

    /// A vector of floats in `raw_data`, named `name`.
    static func tensor(_ name: String, _ values: [Float]) -> Onnx_TensorProto {
        var tensor = Onnx_TensorProto()
        tensor.name = name
        tensor.dims = [Int64(values.count)]
        tensor.dataType = Int32(Onnx_TensorProto.DataType.float.rawValue)
        tensor.rawData = values.withUnsafeBytes { Data($0) }
        return tensor
    }

    /// Adds a node.
    mutating func add(
        _ operation: String,
        _ inputs: [String],
        _ outputs: [String],
        domain: String = "",
        attributes: [Onnx_AttributeProto] = []
    ) {
        proto.graph.node.append(
            Self.node(operation, inputs, outputs, domain: domain, attributes: attributes)
        )
    }

    /// Adds a vector of weights.
    mutating func weights(_ name: String, _ values: [Float]) {
        proto.graph.initializer.append(Self.tensor(name, values))
    }

    /// Adds a layer `output = input × weights`, the weights made from `seed`.
    mutating func layer(_ input: String, _ output: String, seed: Float) {
        weights("\(output)_weights", [seed, seed + 1, seed + 2, seed + 3])
        add("MatMul", [input, "\(output)_weights"], [output])
    }

    /// A model of layers in a row, one for each seed, with a `Relu` after each but the last.
    static func chain(_ seeds: [Float], prefix: String = "") -> ModelBuilder {
        var builder = ModelBuilder(inputs: ["\(prefix)x"], outputs: ["\(prefix)y"])
        var value = "\(prefix)x"
        for (index, seed) in seeds.enumerated() {
            let isLast = index == seeds.count - 1
            let output = isLast ? "\(prefix)y" : "\(prefix)layer\(index)"
            builder.layer(value, output, seed: seed)
            if !isLast { builder.add("Relu", [output], ["\(output)_relu"]) }
            value = "\(output)_relu"
        }
        return builder
    }

    func data() throws -> Data { try proto.serializedData() }

    func model() throws -> ONNXModel { try ONNXModel(data(), named: "test") }

    func flow() throws -> FlowGraph { try FlowGraph(model()) }

    func plan(_ types: any TensorTypeInference = TypeTable()) throws -> ImportPlan {
        try ImportPlan(model(), inference: types)
    }
}

/// Types by name: what the table says, and `standard` for every other value.
struct TypeTable: TensorTypeInference {
    var types: [String: TensorSpecification] = [:]
    var standard: TensorSpecification? = TensorSpecification(name: "", datatype: .float32, shape: [-1, 4])

    func outputSpecifications(ofModel bytes: [UInt8]) throws(ServingError) -> [TensorSpecification] {
        guard let model = try? Onnx_ModelProto(serializedBytes: bytes) else {
            throw ServingError(.engineFailed, "not a model")
        }
        var result: [TensorSpecification] = []
        for output in model.graph.output {
            guard var type = types[output.name] ?? standard else {
                throw ServingError(.engineFailed, "'\(output.name)' is not a tensor")
            }
            type.name = output.name
            result.append(type)
        }
        return result
    }
}

import FoundationEssentials
import ServingCore
import SwiftProtobuf

@testable import ModelCatalog

/// Models drawn by lot from layers of many operators, each of which maps `[rows, 4, 4]` to the same shape, and changes to them
/// after which they mean something else.
///
/// Names end in the shape, so that a table of types can tell it: `n7@-1,4,4`.
struct MutableModel {
    private(set) var builder = ModelBuilder(inputs: ["x@-1,4,4"], outputs: ["y@-1,4,4"], shape: [-1, 4, 4])
    private var count = 0
    private var value = "x@-1,4,4"

    /// A model of `layers` layers.
    init(layers: Int, using random: inout some RandomNumberGenerator) {
        for layer in 0..<layers {
            let before = value
            matrix(&random)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                piece(Int.random(in: 0..<9, using: &random), before, &random)
            }
            if layer == layers - 1 { step("Relu", [value], name: "y@-1,4,4") }
        }
    }

    private mutating func name(_ shape: String = "-1,4,4") -> String {
        count += 1
        return "n\(count)@\(shape)"
    }

    private mutating func step(
        _ operation: String,
        _ inputs: [String],
        _ attributes: [Onnx_AttributeProto] = [],
        shape: String = "-1,4,4",
        name given: String? = nil
    ) {
        let output = given ?? name(shape)
        builder.add(operation, inputs, [output], attributes: attributes)
        value = output
    }

    private mutating func constant(_ values: [Int64]) -> String {
        let name = name("\(values.count)")
        builder.integers(name, values)
        return name
    }

    private mutating func matrix(_ random: inout some RandomNumberGenerator) {
        let weights = name("4,4")
        builder.weights(weights, (0..<16).map { _ in Float.random(in: -1...1, using: &random) })
        builder.proto.graph.initializer[builder.proto.graph.initializer.count - 1].dims = [4, 4]
        step("MatMul", [value, weights])
    }

    /// One of nine ways on, which rules of the normal form look at.
    private mutating func piece(_ kind: Int, _ before: String, _ random: inout some RandomNumberGenerator) {
        typealias Make = ModelBuilder
        switch kind {
        case 0: step(["Relu", "Tanh", "Sigmoid"].randomElement(using: &random) ?? "Relu", [value])
        case 1: step(Bool.random(using: &random) ? "Add" : "Mul", [before, value])
        case 2: step(Bool.random(using: &random) ? "Sub" : "Div", [value, before])
        case 3: step("Softmax", [value], [Make.attribute("axis", Int64.random(in: -2 ... -1, using: &random))])
        case 4: step("Transpose", [value], [Make.attribute("perm", list: [0, 2, 1])])
        case 5:
            step("Reshape", [value, constant([-1, 2, 8])], shape: "-1,2,8")
            step("Tanh", [value], shape: "-1,2,8")
            step("Reshape", [value, constant([-1, 4, 4])])
        case 6:
            step("ReduceMax", [value], [Make.attribute("axes", list: [1])], shape: "-1,1,4")
            step("Add", [value, before])
        case 7:
            step("Concat", [value, before], [Make.attribute("axis", 1)], shape: "-1,8,4")
            step("Slice", [value, constant([1]), constant([5]), constant([1])])
        default: step("LeakyRelu", [value], [Make.attribute("alpha", float: 0.125)])
        }
    }

    /// Changes one thing, and says what; nil where the lot fell on something that has nothing to change.
    mutating func mutate(using random: inout some RandomNumberGenerator) -> String? {
        if Int.random(in: 0..<4, using: &random) == 0 { return flipBit(&random) }
        let place = Int.random(in: 0..<builder.proto.graph.node.count, using: &random)
        let node = builder.proto.graph.node[place]
        switch node.opType {
        case "Relu", "Tanh", "Sigmoid":
            let other =
                ["Relu", "Tanh", "Sigmoid", "Elu"].filter { $0 != node.opType }.randomElement(using: &random) ?? "Elu"
            return set(place, "is \(other)") { $0.opType = other }
        case "Sub", "Div":
            guard node.input[0] != node.input[1] else { return nil }
            return set(place, "is turned") { $0.input.reverse() }
        case "Add": return set(place, "multiplies") { $0.opType = "Mul" }
        case "Mul": return set(place, "adds") { $0.opType = "Add" }
        case "Softmax":
            let axis: Int64 = node.attribute[0].i == -1 ? 1 : 2
            return set(place, "along \(axis)") { $0.attribute[0].i = axis }
        case "Transpose": return set(place, "keeps order") { $0.attribute[0].ints = [0, 1, 2] }
        case "ReduceMax":
            let change = Bool.random(using: &random)
            return change
                ? set(place, "along another") { $0.attribute[0].ints = [2] }
                : set(place, "is least") { $0.opType = "ReduceMin" }
        case "LeakyRelu": return set(place, "steeper") { $0.attribute[0].f = Float(0.125).nextUp }
        case "Concat": return node.input[0] == node.input[1] ? nil : set(place, "is turned") { $0.input.reverse() }
        case "Reshape", "Slice": return setting(of: node, &random)
        case "MatMul": return set(place, "from the left") { $0.input.reverse() }
        default: return nil
        }
    }

    private mutating func set(_ place: Int, _ what: String, _ change: (inout Onnx_NodeProto) -> Void) -> String {
        change(&builder.proto.graph.node[place])
        return "node \(place) \(what)"
    }

    private mutating func flipBit(_ random: inout some RandomNumberGenerator) -> String? {
        let weights = builder.proto.graph.initializer.indices.filter {
            !builder.proto.graph.initializer[$0].rawData.isEmpty
        }
        guard let place = weights.randomElement(using: &random) else { return nil }
        let bit = Int.random(in: 0..<8 * builder.proto.graph.initializer[place].rawData.count, using: &random)
        builder.proto.graph.initializer[place].rawData[bit / 8] ^= 1 << UInt8(bit % 8)
        return "bit \(bit) of weight \(place)"
    }

    /// Another target of a reshape, other limits of a slice.
    private mutating func setting(of node: Onnx_NodeProto, _ random: inout some RandomNumberGenerator) -> String? {
        let input = node.opType == "Reshape" ? node.input[1] : node.input[1...2].randomElement(using: &random)
        guard let place = builder.proto.graph.initializer.firstIndex(where: { $0.name == input }) else { return nil }
        let old = builder.proto.graph.initializer[place].int64Data
        let new: [Int64] = node.opType == "Reshape" ? [-1, old[2], old[1]] : [old[0] - 1]
        guard old != new else { return nil }
        builder.proto.graph.initializer[place].int64Data = new
        return "constant \(place) is \(new)"
    }
}

/// Tells the shapes that names end in.
struct NamedShapes: TensorTypeInference {
    func outputSpecifications(ofModel bytes: [UInt8]) throws(ServingError) -> [TensorSpecification] {
        guard let model = try? Onnx_ModelProto(serializedBytes: bytes) else {
            throw ServingError(.engineFailed, "not a model")
        }
        return model.graph.output.map { output in
            let text = output.name.split(separator: "@").last ?? ""
            let shape = text.split(separator: ",").compactMap { Int($0) }
            return TensorSpecification(name: output.name, datatype: .float32, shape: shape)
        }
    }
}

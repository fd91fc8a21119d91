import FoundationEssentials
import ServingCore
import SwiftProtobuf
import Testing

@testable import ModelCatalog

/// Every rule: two files that say the same become one block, and files that do not stay apart.
struct NormalFormTests {
    private typealias Make = ModelBuilder

    private func ids(_ builder: ModelBuilder, _ shape: [Int] = [-1, 4]) throws -> [BlockID] {
        let standard = TensorSpecification(name: "", datatype: .float32, shape: shape)
        return try builder.plan(TypeTable(standard: standard)).steps.map(\.id)
    }

    /// A layer, and `operation` behind it.
    private func model(
        _ operation: String,
        _ attributes: [Onnx_AttributeProto] = [],
        opset: Int64 = 17,
        inputs: [String] = [],
        constants: [String: [Int64]] = [:],
        shape: [Int] = [-1, 4]
    ) -> ModelBuilder {
        var builder = ModelBuilder(shape: shape)
        builder.proto.opsetImport[0].version = opset
        builder.layer("x", "a", seed: 1)
        for (name, values) in constants.sorted(by: { $0.key < $1.key }) { builder.integers(name, values) }
        builder.add(operation, ["a"] + inputs, ["y"], attributes: attributes)
        return builder
    }

    // MARK: Defaults

    @Test func `A default that is written out is none`() throws {
        #expect(try ids(model("Flatten", [Make.attribute("axis", 1)])) == ids(model("Flatten")))
        #expect(try ids(model("Flatten", [Make.attribute("axis", 0)])) != ids(model("Flatten")))
        #expect(try ids(model("Elu", [Make.attribute("alpha", float: 1)])) == ids(model("Elu")))
        #expect(try ids(model("Elu", [Make.attribute("alpha", float: Float(1).nextUp)])) != ids(model("Elu")))
    }

    @Test func `Of another domain's operator nothing is known`() throws {
        func foreign(_ attributes: [Onnx_AttributeProto]) throws -> [BlockID] {
            var builder = model("Relu")
            builder.proto.graph.node[1].domain = "com.example"
            builder.proto.graph.node[1].opType = "Elu"
            builder.proto.graph.node[1].attribute = attributes
            return try ids(builder)
        }
        #expect(try foreign([Make.attribute("alpha", float: 1)]) != foreign([]))
    }

    @Test func `A convolution's windows that are as without them say nothing`() throws {
        func convolution(_ attributes: [Onnx_AttributeProto]) throws -> [BlockID] {
            var builder = ModelBuilder(shape: [-1, 1, 4, 4])
            builder.weights("w", [1, 2, 3, 4])
            builder.proto.graph.initializer[0].dims = [1, 1, 2, 2]
            builder.add("Conv", ["x", "w"], ["y"], attributes: attributes)
            return try ids(builder, [-1, 1, 3, 3])
        }
        let plain = try convolution([])
        let written = [
            Make.attribute("kernel_shape", list: [2, 2]), Make.attribute("strides", list: [1, 1]),
            Make.attribute("pads", list: [0, 0, 0, 0]), Make.attribute("dilations", list: [1, 1]),
            Make.attribute("group", 1),
        ]
        #expect(try convolution(written) == plain)
        #expect(try convolution([Make.attribute("strides", list: [1, 2])]) != plain)
        #expect(try convolution([Make.attribute("pads", list: [0, 0, 0, 1])]) != plain)
        #expect(try convolution([Make.attribute("dilations", list: [2, 1])]) != plain)
    }

    @Test func `The momentum of a normalisation counts where it trains only`() throws {
        func normalisation(_ attributes: [Onnx_AttributeProto]) throws -> [BlockID] {
            var builder = model("BatchNormalization", attributes, inputs: ["s", "b", "m", "v"])
            for name in ["s", "b", "m", "v"] { builder.weights(name, [1, 2, 3, 4]) }
            return try ids(builder)
        }
        let momentum = Make.attribute("momentum", float: 0.1)
        #expect(try normalisation([momentum]) == normalisation([]))
        let trains = Make.attribute("training_mode", 1)
        #expect(try normalisation([momentum, trains]) != normalisation([trains]))
    }

    // MARK: What passes its input through

    @Test func `Identity and dropout in inference vanish`() throws {
        let expected = try ids(.chain([1, 2]))
        func with(_ operation: String, _ further: [String] = [], at place: Int) throws -> [BlockID] {
            var builder = ModelBuilder.chain([1, 2])
            builder.proto.graph.initializer.append(Make.boolean("mode", further == ["", "mode"]))
            let node = builder.proto.graph.node[place]
            builder.proto.graph.node[place].output = ["before"]
            builder.add(operation, ["before"] + further, node.output)
            return try ids(builder)
        }
        for place in 0..<3 {
            #expect(try with("Identity", at: place) == expected)
            #expect(try with("Dropout", at: place) == expected)
        }
        #expect(try with("Dropout", ["", "mode"], at: 1) != expected)
    }

    @Test func `Identity that hands an input on as an output stays`() throws {
        var builder = ModelBuilder(outputs: ["y", "z"])
        builder.layer("x", "y", seed: 1)
        builder.add("Identity", ["x"], ["z"])
        #expect(try builder.plan().steps.flatMap(\.outputs) == ["y", "z"])
    }

    // MARK: Lists as inputs

    @Test func `Axes as an attribute and as an input are one`() throws {
        let old = model("ReduceMax", [Make.attribute("axes", list: [1])], opset: 17)
        let new = model("ReduceMax", opset: 18, inputs: ["axes"], constants: ["axes": [1]])
        #expect(try ids(old) == ids(new))
        let other = model("ReduceMax", opset: 18, inputs: ["axes"], constants: ["axes": [0]])
        #expect(try ids(other) != ids(new))
        #expect(try ids(model("ReduceMax", opset: 17)) == ids(model("ReduceMax", opset: 18)))
        #expect(try ids(model("ReduceMax", opset: 17)) != ids(new))
    }

    @Test func `Where no opset is right for all, nodes stay as they are`() throws {
        var builder = model("ReduceMax", [Make.attribute("axes", list: [1])], opset: 12)
        builder.proto.graph.node[1].output = ["b"]
        builder.add("Softmax", ["b"], ["y"], attributes: [Make.attribute("axis", 0)])
        let plan = try builder.plan()
        let block = try Onnx_ModelProto(serializedBytes: #require(plan.steps.first).makeBlock().data)
        #expect(block.opsetImport.map(\.version) == [12])
        #expect(block.graph.node[1].attribute.map(\.name) == ["axes"])
    }

    // MARK: Shapes

    @Test func `Rows laid flat are one, however it is said`() throws {
        let shape = [-1, 4, 1, 1]
        let flat = try ids(model("Flatten"), shape)
        func reshaped(_ target: [Int64], _ shape: [Int] = shape, allowZero: Bool = false) throws -> [BlockID] {
            let attributes = allowZero ? [Make.attribute("allowzero", 1)] : []
            return try ids(model("Reshape", attributes, inputs: ["to"], constants: ["to": target]), shape)
        }
        #expect(try reshaped([0, -1]) == flat)
        #expect(try reshaped([-1, 4]) == flat)
        #expect(try reshaped([-1, 4], allowZero: true) == flat)
        #expect(try ids(model("Squeeze", inputs: ["axes"], constants: ["axes": [2, -1]]), shape) == flat)
        #expect(try reshaped([-1, 2]) != flat)
        #expect(try reshaped([2, -1]) != flat)
        #expect(try reshaped([0, -1], allowZero: true) != flat)
        #expect(try reshaped([1, 4]) != flat)
        #expect(try reshaped([-1, 4], [-1, -1, 1, 1]) != flat)
        #expect(try reshaped([1, 4], [1, 4, 1, 1]) == ids(model("Flatten"), [1, 4, 1, 1]))
    }

    @Test func `A softmax along the last axis is the same in all opsets, along others it is not`() throws {
        func softmax(_ axis: Int64, _ opset: Int64) throws -> [BlockID] {
            try ids(model("Softmax", [Make.attribute("axis", axis)], opset: opset), [-1, 4, 4])
        }
        let last = try softmax(-1, 17)
        #expect(try softmax(2, 11) == last)
        #expect(try softmax(-1, 11) == last)
        #expect(try softmax(2, 17) == last)
        #expect(try softmax(1, 11) != last)
        #expect(try softmax(1, 11) != softmax(1, 17))
    }

    @Test func `A gate of a hard sigmoid with a slope of a sixth is a hard swish`() throws {
        func gated(_ slope: Float, by name: String = "a") throws -> [BlockID] {
            var builder = ModelBuilder()
            builder.proto.opsetImport[0].version = 13
            builder.layer("x", "a", seed: 1)
            builder.add("HardSigmoid", ["a"], ["gate"], attributes: [Make.attribute("alpha", float: slope)])
            builder.add("Mul", [name, "gate"], ["y"])
            return try ids(builder)
        }
        let swish = try ids(model("HardSwish"))
        #expect(try gated(1.0 / 6) == swish)
        #expect(try gated(0.2) != swish)
        #expect(try gated(1.0 / 6, by: "x") != swish)
    }

    @Test func `A product with a bias is a layer where it has two dimensions`() throws {
        func layer(_ bias: [Float], isRead: Bool = false, _ shape: [Int] = [-1, 4]) throws -> [BlockID] {
            var builder = ModelBuilder(outputs: isRead ? ["y", "product"] : ["y"])
            builder.matrix("w")
            builder.weights("b", bias)
            builder.add("MatMul", ["x", "w"], ["product"])
            builder.add("Add", ["product", "b"], ["y"])
            builder.proto.graph.input = [Make.value("x", shape: shape)]
            return try ids(builder, shape)
        }
        var layers = ModelBuilder()
        layers.matrix("w")
        layers.weights("b", [1, 2])
        layers.add("Gemm", ["x", "w", "b"], ["y"])
        let expected = try ids(layers)
        #expect(try layer([1, 2]) == expected)
        #expect(try layer([1]) != expected)
        #expect(try layer([1, 2], isRead: true) != expected)
        #expect(try layer([1, 2], [-1, 4, 4]) != expected)
    }

    // MARK: Rows

    @Test func `A fixed number of rows makes no other blocks, and still holds for requests`() throws {
        let types = FreeRows()
        let fixed = try ModelBuilder.chain([1, 2, 3]).reshaped([1, 4]).plan(types)
        #expect(try fixed.steps.map(\.id) == ModelBuilder.chain([1, 2, 3]).plan(types).steps.map(\.id))
        #expect(fixed.inputs.map(\.shape) == [[1, 4]])
        #expect(fixed.outputs.map(\.shape) == [[1, 4]])
    }

    @Test func `Rows stay fixed where what crosses does not have them`() throws {
        let builder = ModelBuilder.chain([1, 2, 3]).reshaped([1, 4])
        let types = TypeTable(standard: TensorSpecification(name: "", datatype: .float32, shape: [1, 4]))
        let plan = try builder.plan(types)
        #expect(try plan.steps.map(\.id) != ModelBuilder.chain([1, 2, 3]).plan().steps.map(\.id))
    }
}

/// Knows that all values have the rows of the model's input.
private struct FreeRows: TensorTypeInference {
    func outputSpecifications(ofModel bytes: [UInt8]) throws(ServingError) -> [TensorSpecification] {
        guard let model = try? Onnx_ModelProto(serializedBytes: bytes),
            let shape = model.graph.input.first?.specification?.shape
        else { throw ServingError(.engineFailed, "not a model") }
        return model.graph.output.map { TensorSpecification(name: $0.name, datatype: .float32, shape: shape) }
    }
}

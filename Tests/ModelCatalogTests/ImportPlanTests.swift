import FoundationEssentials
import ServingCore
import SwiftProtobuf
import Testing

@testable import ModelCatalog

struct ImportPlanTests {
    private let id = ModelID(name: "m", version: 1)

    private func run(_ plan: ImportPlan, _ inputs: [String]) throws -> [String] {
        let model = try plan.model(id)
        #expect(model.slotsAreConsistent)
        return try SymbolicInterpreter.run(model, inputs: inputs) { block in
            try #require(plan.steps.first { $0.id == block }).makeBlock().data
        }
    }

    @Test func `The blocks of random models together calculate what the whole model does`() throws {
        var blockCounts: [Int: Int] = [:]
        for seed in 0..<250 as Range<UInt64> {
            let builder = RandomModels.model(seed: seed)
            let plan = try builder.plan()
            let inputs = try builder.model().inputs.map { "input \($0.name)" }
            #expect(try run(plan, inputs) == SymbolicInterpreter.run(builder.data(), inputs: inputs), "seed \(seed)")
            #expect(plan.fallback == nil, "seed \(seed)")
            blockCounts[plan.steps.count, default: 0] += 1
        }
        // Else the comparison above would say little.
        #expect(blockCounts.filter { $0.key >= 3 }.values.reduce(0, +) >= 60)
    }

    @Test func `Weights used on both sides of a cut are in both blocks`() throws {
        var builder = ModelBuilder()
        builder.weights("w", [1, 2, 3, 4])
        builder.add("MatMul", ["x", "w"], ["a"])
        builder.add("MatMul", ["a", "w"], ["y"])
        let plan = try builder.plan()
        #expect(plan.steps.map(\.memorySize) == [16, 16])
        #expect(Set(plan.steps.map(\.id)).count == 1)
        #expect(try plan.model(id).blocks.count == 1)
    }

    @Test func `Values flow through slots: inputs first, then what each block writes`() throws {
        let model = try ModelBuilder.chain([1, 2, 3]).plan().model(id)
        #expect(model.slotCount == 4)
        #expect(model.steps.map(\.inputSlots) == [[0], [1], [2]])
        #expect(model.steps.map(\.outputSlots) == [[1], [2], [3]])
        #expect(model.outputSlots == [3])
        #expect(model.inputs == [TensorSpecification(name: "x", datatype: .float32, shape: [-1, 4])])
        #expect(model.isBatchable)
    }

    @Test func `An input nothing depends on stays an input of the model`() throws {
        var builder = ModelBuilder(inputs: ["unused", "x"])
        builder.layer("x", "y", seed: 1)
        let model = try builder.plan().model(id)
        #expect(model.inputs.map(\.name) == ["unused", "x"])
        #expect(model.steps.map(\.inputSlots) == [[1]])
    }

    @Test func `Operators of any domain are cut, and the domain's version counts`() throws {
        func model(_ version: Int64) throws -> ImportPlan {
            var builder = ModelBuilder.chain([1, 2])
            var set = Onnx_OperatorSetIdProto()
            (set.domain, set.version) = ("com.example", version)
            builder.proto.opsetImport.append(set)
            builder.proto.graph.output[0].name = "z"
            builder.add("Magic", ["y", "layer0_weights"], ["z"], domain: "com.example")
            let plan = try builder.plan()
            #expect(try run(plan, ["x"]) == SymbolicInterpreter.run(builder.data(), inputs: ["x"]))
            return plan
        }
        let (one, two) = (try model(1), try model(2))
        #expect(one.steps.count == 2)
        #expect(one.fallback == nil)
        #expect(zip(one.steps, two.steps).map { $0.id == $1.id } == [true, false])
    }

    @Test func `A model with operators the runtime lacks is refused by the domain's name`() throws {
        var builder = ModelBuilder.chain([1])
        builder.add("Magic", ["y"], ["z"], domain: "com.example")
        #expect(
            throws: CatalogError(
                .unsupportedModel,
                "the engine cannot load the model, which has operators of domain 'com.example': 'y' is not a tensor"
            )
        ) { try builder.plan(TypeTable(standard: nil)) }
    }

    /// A model of two layers, each a call of a function that was written for an opset of its own.
    private func functions(name: String, inner: String, operation: String = "Relu") throws -> ImportPlan {
        var function = Onnx_FunctionProto()
        (function.name, function.domain) = (name, "com.example")
        (function.input, function.output) = (["\(inner)_in", "\(inner)_w"], ["\(inner)_out"])
        var operators = Onnx_OperatorSetIdProto()
        operators.version = 13
        function.opsetImport = [operators]
        function.node = [
            ModelBuilder.node("MatMul", ["\(inner)_in", "\(inner)_w"], ["\(inner)_t"]),
            ModelBuilder.node(operation, ["\(inner)_t"], ["\(inner)_out"]),
        ]
        var builder = ModelBuilder()
        builder.proto.functions = [function]
        for (index, (from, to)) in [("x", "a"), ("a", "y")].enumerated() {
            var weights = ModelBuilder.tensor("w\(index)", [Float(index), 2, 3, 4])
            weights.dims = [2, 2]
            builder.proto.graph.initializer.append(weights)
            builder.add(name, [from, "w\(index)"], [to], domain: "com.example")
        }
        return try builder.plan()
    }

    @Test func `Local functions travel with the blocks that call them, and count by content`() throws {
        let plan = try functions(name: "Layer", inner: "a")
        #expect(plan.steps.count == 2)
        let block = try Onnx_ModelProto(serializedBytes: #require(plan.steps.first).makeBlock().data)
        #expect(block.functions.count == 1)
        #expect(block.functions.first?.name == block.graph.node.first?.opType)
        #expect(block.opsetImport.map(\.domain) == ["", "local"])
        #expect(try functions(name: "Other", inner: "b").steps.map(\.id) == plan.steps.map(\.id))
        #expect(try functions(name: "Layer", inner: "a", operation: "Tanh").steps.map(\.id) != plan.steps.map(\.id))
    }

    @Test func `A function that calls itself is refused`() throws {
        var function = Onnx_FunctionProto()
        (function.name, function.domain) = ("Loop", "com.example")
        function.node = [ModelBuilder.node("Loop", ["x"], ["y"], domain: "com.example")]
        var builder = ModelBuilder.chain([1])
        builder.proto.functions = [function]
        #expect(throws: CatalogError(.invalidModel, "function 'Loop' calls itself, or others too deep")) {
            try builder.plan()
        }
    }

    @Test func `Sparse weights are weights like others`() throws {
        func model(_ value: Float) throws -> ImportPlan {
            var builder = ModelBuilder.chain([1, 2])
            var sparse = Onnx_SparseTensorProto()
            sparse.values = ModelBuilder.tensor("layer0_weights", [value])
            sparse.dims = [4]
            sparse.indices.dataType = Int32(Onnx_TensorProto.DataType.int64.rawValue)
            sparse.indices.dims = [1]
            sparse.indices.int64Data = [2]
            builder.proto.graph.initializer.removeAll { $0.name == "layer0_weights" }
            builder.proto.graph.sparseInitializer = [sparse]
            return try builder.plan()
        }
        let (one, two) = (try model(1), try model(2))
        #expect(one.fallback == nil)
        #expect(zip(one.steps, two.steps).map { $0.id == $1.id } == [false, true])
        let block = try Onnx_ModelProto(serializedBytes: #require(one.steps.first).makeBlock().data)
        #expect(block.graph.sparseInitializer.map(\.values.name) == ["w0"])
        #expect(block.graph.sparseInitializer.first?.dims == [4])
    }

    @Test func `A model that hands an input or a constant through is kept as it is`() throws {
        var builder = ModelBuilder(outputs: ["y", "x"])
        builder.layer("x", "y", seed: 1)
        #expect(try builder.plan().fallback == "output 'x' is not calculated from the inputs")
        #expect(try run(builder.plan(), ["1"]).last == "1")
        var constant = ModelBuilder(outputs: ["y", "w"])
        constant.weights("w", [1])
        constant.layer("x", "y", seed: 1)
        #expect(try constant.plan().fallback == "output 'w' is not calculated from the inputs")
    }

    @Test func `Where the engine cannot tell what crosses, the model becomes one block and says so`() throws {
        let known = TensorSpecification(name: "y", datatype: .float32, shape: [-1, 4])
        let plan = try ModelBuilder.chain([1, 2, 3]).plan(TypeTable(types: ["y": known], standard: nil))
        #expect(plan.steps.count == 1)
        #expect(plan.fallback == "the engine cannot tell what crosses the cuts: 'layer0_relu' is not a tensor")
    }

    @Test func `Types the file declares fill in where the engine cannot tell`() throws {
        let known = TensorSpecification(name: "y", datatype: .float32, shape: [-1, 4])
        var builder = ModelBuilder.chain([1, 2, 3])
        builder.proto.graph.valueInfo = [ModelBuilder.value("layer1_relu")]
        let plan = try builder.plan(TypeTable(types: ["y": known], standard: nil))
        #expect(plan.steps.count == 2)
        #expect(plan.fallback == nil)
    }

    @Test func `There is no cut at a tensor of unknown rank`() throws {
        let unknown = TensorSpecification(name: "", datatype: .float32, shape: [])
        let plan = try ModelBuilder.chain([1, 2, 3]).plan(TypeTable(types: ["layer0_relu": unknown]))
        #expect(plan.steps.map(\.outputs) == [["layer1_relu"], ["y"]])
        #expect(plan.fallback == nil)
    }

    @Test func `The engine sees the model without the types its exporter wrote for inner values`() throws {
        struct Asked: TensorTypeInference {
            func outputSpecifications(ofModel bytes: [UInt8]) throws(ServingError) -> [TensorSpecification] {
                guard let graph = try? Onnx_ModelProto(serializedBytes: bytes).graph else { return [] }
                #expect(graph.valueInfo.isEmpty)
                #expect(graph.output.map(\.name) == ["y", "layer0_relu"])
                #expect(graph.output.allSatisfy { !$0.type.tensorType.hasShape })
                return try TypeTable().outputSpecifications(ofModel: bytes)
            }
        }
        var builder = ModelBuilder.chain([1, 2])
        builder.proto.graph.valueInfo = [ModelBuilder.value("layer0_relu", shape: [77])]
        #expect(try builder.plan(Asked()).steps.count == 2)
    }

    @Test func `A model the engine cannot load is refused`() throws {
        #expect(throws: CatalogError(.unsupportedModel, "the engine cannot load the model: 'y' is not a tensor")) {
            try ModelBuilder.chain([1, 2]).plan(TypeTable(standard: nil))
        }
    }

    @Test func `An input that is no tensor of known rank is refused`() throws {
        var builder = ModelBuilder.chain([1])
        builder.proto.graph.input[0].type.tensorType.clearShape()
        #expect(
            throws: CatalogError(
                .unsupportedModel,
                "input 'x' is not a tensor with a known element type and rank"
            )
        ) { try builder.plan() }
    }
}

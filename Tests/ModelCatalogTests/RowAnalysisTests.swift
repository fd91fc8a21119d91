import ServingCore
import Testing

@testable import ModelCatalog

struct RowAnalysisTests {
    /// The state of y, for a model that takes x of [n, 4] and, between layers, does `nodes` from a to b.
    private func state(_ nodes: [Onnx_NodeProto], integers: [String: [Int64]] = [:], shape: [Int] = [-1, 4]) throws
        -> RowState
    {
        var builder = ModelBuilder(shape: shape)
        builder.proto.graph.node = nodes
        builder.weights("w", [1, 2, 3, 4])
        for (name, values) in integers {
            var tensor = Onnx_TensorProto()
            tensor.name = name
            tensor.dims = [Int64(values.count)]
            tensor.dataType = Int32(Onnx_TensorProto.DataType.int64.rawValue)
            tensor.int64Data = values
            builder.proto.graph.initializer.append(tensor)
        }
        return try RowAnalysis.state(of: builder.model())
    }

    private func node(_ kind: String, _ inputs: [String], _ attributes: Onnx_AttributeProto...) -> Onnx_NodeProto {
        ModelBuilder.node(kind, inputs, ["y"], attributes: attributes)
    }

    private func list(_ name: String, _ values: [Int64]) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        (attribute.name, attribute.type, attribute.ints) = (name, .ints, values)
        return attribute
    }

    private func isMixed(_ state: RowState) -> Bool {
        if case .mixed = state { true } else { false }
    }

    private func isUnknown(_ state: RowState) -> Bool {
        if case .unknown = state { true } else { false }
    }

    @Test func `Layers in a row keep rows apart`() throws {
        var builder = ModelBuilder.chain([1, 2, 3])
        for index in builder.proto.graph.initializer.indices { builder.proto.graph.initializer[index].dims = [4, 4] }
        #expect(try RowAnalysis.state(of: builder.model()) == .rows(rank: 1))
    }

    @Test func `A network of the zoo keeps rows apart`() throws {
        let network = try #require(ResNetArchitecture(depth: 50, width: 4, imageSize: 32))
        var builder = ModelBuilder()
        builder.proto.graph = network.graph
        for layer in network.layers {
            for (part, shape) in [("weight", layer.shape), ("bias", [layer.shape[0]])] {
                var tensor = ModelBuilder.tensor("\(layer.name).\(part)", [])
                tensor.dims = shape.map(Int64.init)
                builder.proto.graph.initializer.append(tensor)
            }
        }
        #expect(try RowAnalysis.state(of: builder.model()) == .rows(rank: 1))
    }

    @Test(arguments: [
        "Softmax", "LogSoftmax", "ArgMax", "CumSum", "TopK", "ReduceSum", "ReduceMean", "LayerNormalization",
    ])
    func `What works along the rows mixes them`(kind: String) throws {
        let axis = kind.hasPrefix("Reduce") ? list("axes", [0]) : ModelBuilder.attribute("axis", 0)
        #expect(isMixed(try state([node(kind, ["x"], axis)])))
        let other = kind.hasPrefix("Reduce") ? list("axes", [-1]) : ModelBuilder.attribute("axis", -1)
        #expect(!isMixed(try state([node(kind, ["x"], other)])))
    }

    @Test func `An axis may be a parameter, and counted from the end`() throws {
        #expect(isMixed(try state([node("ReduceSum", ["x", "axes"])], integers: ["axes": [-2]])))
        #expect(try state([node("ReduceSum", ["x", "axes"])], integers: ["axes": [1]]) == .rows(rank: 1))
        #expect(isMixed(try state([node("ReduceSum", ["x"])])))
    }

    @Test(arguments: ["NonZero", "Unique", "Compress", "DynamicQuantizeLinear", "Loop"])
    func `What takes all elements together mixes rows`(kind: String) throws {
        #expect(isMixed(try state([node(kind, ["x"])])))
    }

    @Test func `A decision by the rows is one for all of them`() throws {
        let branch = ModelBuilder.attribute("then_branch", ModelBuilder.graph(inputs: [], outputs: ["x"]))
        #expect(isMixed(try state([node("If", ["x"], branch)])))
        #expect(isUnknown(try state([node("If", ["w"], branch)])))
    }

    @Test func `Products of rows with rows mix them`() throws {
        #expect(isMixed(try state([node("MatMul", ["x", "x"])])))
        #expect(isMixed(try state([node("MatMul", ["w", "x"])])))
        #expect(isMixed(try state([node("Gemm", ["x", "w"], ModelBuilder.attribute("transA", 1))])))
        #expect(try state([node("MatMul", ["x", "x"])], shape: [-1, 4, 4]) == .rows(rank: 1))
    }

    @Test func `Rows moved to another place are not known, except where the place is the first`() throws {
        #expect(isUnknown(try state([node("Transpose", ["x"], list("perm", [1, 0]))])))
        #expect(try state([node("Transpose", ["x"], list("perm", [0, 2, 1]))], shape: [-1, 4, 4]) == .rows(rank: 1))
        #expect(isUnknown(try state([node("Reshape", ["x", "s"])], integers: ["s": [-1, 2]])))
        #expect(try state([node("Reshape", ["x", "s"])], integers: ["s": [0, 2, 2]]) == .rows(rank: 1))
        #expect(isMixed(try state([node("Gather", ["x", "i"])], integers: ["i": [0]])))
        #expect(isMixed(try state([node("Concat", ["x", "x"], ModelBuilder.attribute("axis", 0))])))
        #expect(try state([node("Concat", ["x", "x"], ModelBuilder.attribute("axis", 1))]) == .rows(rank: 1))
        #expect(isMixed(try state([node("Split", ["x"])])))
        #expect(isUnknown(try state([node("Slice", ["x", "b", "e", "a"])], integers: ["b": [0], "e": [1], "a": [0]])))
    }

    @Test func `A parameter with rows of its own is not known to fit`() throws {
        #expect(try state([node("Add", ["x", "w"])]) == .rows(rank: 1))
        #expect(isUnknown(try state([node("Add", ["x", "w"])], shape: [-1])))
    }

    @Test func `What is mixed stays mixed, what only shapes decide does not`() throws {
        let softmax = ModelBuilder.node("Softmax", ["x"], ["a"], attributes: [ModelBuilder.attribute("axis", 0)])
        #expect(isMixed(try state([softmax, node("Relu", ["a"])])))
        let shape = ModelBuilder.node("Shape", ["x"], ["s"])
        #expect(try state([shape, node("ConstantOfShape", ["s"])]) == .rows(rank: 1))
        let nothing = ModelBuilder.node("Softmax", ["x"], ["unused"], attributes: [ModelBuilder.attribute("axis", 0)])
        #expect(try state([nothing, node("Relu", ["x"])]) == .rows(rank: 1))
    }

    /// Nodes that leave the number of rows of x in `count`, and those in `nodes` behind them.
    private func counting(_ nodes: [Onnx_NodeProto], integers: [String: [Int64]] = [:]) throws -> RowState {
        let count = [
            ModelBuilder.node("Shape", ["x"], ["shape"]),
            ModelBuilder.node("Gather", ["shape", "zero"], ["count"]),
        ]
        let numbers: [String: [Int64]] = ["zero": [0], "four": [4], "one": [1]]
        return try state(count + nodes, integers: integers.merging(numbers) { one, _ in one })
    }

    @Test func `What is calculated from the number of rows mixes them`() throws {
        let over = ModelBuilder.node("Sub", ["count", "four"], ["over"])
        let more = ModelBuilder.node("Max", ["over", "zero"], ["more"])
        #expect(isMixed(try counting([over, more, node("Add", ["x", "more"])])))
        #expect(isMixed(try counting([node("Mul", ["x", "count"])])))
        #expect(isMixed(try counting([node("Slice", ["x", "zero", "count", "one"])])))
        #expect(isMixed(try counting([ModelBuilder.node("Size", ["x"], ["s"]), node("Div", ["x", "s"])])))
        #expect(isMixed(try counting([node("Identity", ["count"])])))
    }

    @Test func `A decision by the number of rows mixes them, also inside of a branch`() throws {
        let is4 = ModelBuilder.node("Greater", ["count", "four"], ["is"])
        func branch(_ name: String, _ nodes: [Onnx_NodeProto]) -> Onnx_AttributeProto {
            var graph = ModelBuilder.graph(inputs: [], outputs: [nodes.last?.output.first ?? ""])
            graph.node = nodes
            return ModelBuilder.attribute(name, graph)
        }
        let then = branch("then_branch", [ModelBuilder.node("Neg", ["x"], ["t"])])
        let other = branch("else_branch", [ModelBuilder.node("Abs", ["x"], ["e"])])
        #expect(isMixed(try counting([is4, node("If", ["is"], then, other)])))
        #expect(try counting([node("If", ["w"], then, other)]) == .rows(rank: 1))
        let inner = branch(
            "else_branch",
            [ModelBuilder.node("Shape", ["x"], ["s"]), ModelBuilder.node("Mul", ["x", "s"], ["e"])]
        )
        #expect(isMixed(try counting([node("If", ["w"], then, inner)])))
    }

    @Test func `As the first extent of another shape, the number of rows is in its place`() throws {
        let vector = ModelBuilder.node("Unsqueeze", ["count", "zero"], ["n"])
        let shape = ModelBuilder.node("Concat", ["n", "rest"], ["s"], attributes: [ModelBuilder.attribute("axis", 0)])
        let rest: [String: [Int64]] = ["rest": [2, 2]]
        #expect(try counting([vector, shape, node("Reshape", ["x", "s"])], integers: rest) == .rows(rank: 1))
        let zeros = ModelBuilder.node("ConstantOfShape", ["shape"], ["z"])
        #expect(try counting([zeros, node("Add", ["x", "z"])]) == .rows(rank: 1))
        // Rows and columns as one dimension: perhaps all is well, but that has to be tried.
        let product = ModelBuilder.node("Mul", ["n", "four"], ["m"])
        #expect(isUnknown(try counting([vector, product, node("Reshape", ["x", "m"])])))
        // Other extents are the same for all requests of a batch.
        let width = ModelBuilder.node("Gather", ["shape", "one"], ["width"])
        #expect(isUnknown(try counting([width, node("Div", ["x", "width"])])))
    }

    @Test func `Rows may be numbered to take from each its own, and for nothing else`() throws {
        let numbers = ModelBuilder.node("Range", ["zero", "count", "one"], ["numbers"])
        let column = ModelBuilder.node("Unsqueeze", ["numbers", "one"], ["column"])
        let over = ModelBuilder.node("Sub", ["column", "four"], ["over"])
        #expect(isMixed(try counting([numbers, column, over, node("Add", ["x", "over"])])))
        let best = ModelBuilder.node("ArgMax", ["x"], ["best"], attributes: [ModelBuilder.attribute("axis", 1)])
        let places = ModelBuilder.node(
            "Concat",
            ["column", "best"],
            ["places"],
            attributes: [ModelBuilder.attribute("axis", 1)]
        )
        #expect(isUnknown(try counting([numbers, column, best, places, node("GatherND", ["x", "places"])])))
        #expect(isUnknown(try counting([numbers, column, node("GatherND", ["x", "column"])])))
        let length = ModelBuilder.node("Shape", ["numbers"], ["length"])
        #expect(isMixed(try counting([numbers, length, node("Mul", ["x", "length"])])))
    }

    @Test func `A function is what its nodes are`() throws {
        var builder = ModelBuilder()
        var function = Onnx_FunctionProto()
        (function.name, function.domain, function.input, function.output) = ("Twice", "own", ["a"], ["b"])
        function.node = [ModelBuilder.node("Add", ["a", "a"], ["b"])]
        builder.proto.functions = [function]
        builder.add("Twice", ["x"], ["y"], domain: "own")
        #expect(try RowAnalysis.state(of: builder.model()) == .rows(rank: 1))
        builder.proto.functions[0].node = [
            ModelBuilder.node("Softmax", ["a"], ["b"], attributes: [ModelBuilder.attribute("axis", 0)])
        ]
        #expect(isMixed(try RowAnalysis.state(of: builder.model())))
    }

    @Test func `A scan from row to row mixes them, one along time does not by itself`() throws {
        var body = ModelBuilder.graph(inputs: ["s", "r"], outputs: ["t", "u"])
        body.node = [ModelBuilder.node("Add", ["s", "r"], ["t"]), ModelBuilder.node("Neg", ["t"], ["u"])]
        let attributes = [ModelBuilder.attribute("body", body), ModelBuilder.attribute("num_scan_inputs", 1)]
        let scan = ModelBuilder.node("Scan", ["w", "x"], ["end", "y"], attributes: attributes)
        #expect(isMixed(try state([scan], shape: [-1, 5, 4])))
        var along = scan
        along.attribute.append(list("scan_input_axes", [1]))
        #expect(isUnknown(try state([along], shape: [-1, 5, 4])))
    }

    @Test func `Reducing along no axes is reducing along all, unless it says otherwise`() throws {
        #expect(isMixed(try state([node("ReduceSum", ["x", "none"])], integers: ["none": []])))
        let keeps = ModelBuilder.attribute("noop_with_empty_axes", 1)
        #expect(try state([node("ReduceSum", ["x", "none"], keeps)], integers: ["none": []]) == .rows(rank: 1))
    }

    @Test func `Operators nobody here knows are not known to keep rows apart`() throws {
        #expect(isUnknown(try state([ModelBuilder.node("Mystery", ["x"], ["y"], domain: "com.example")])))
        #expect(isUnknown(try state([node("Relax", ["x"])])))
    }
}

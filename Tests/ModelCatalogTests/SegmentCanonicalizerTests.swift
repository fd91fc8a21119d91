import FoundationEssentials
import ServingCore
import SwiftProtobuf
import Testing

@testable import ModelCatalog

struct SegmentCanonicalizerTests {
    private func ids(_ builder: ModelBuilder) throws -> [BlockID] { try builder.plan().steps.map(\.id) }

    private func firstBlock(_ builder: ModelBuilder) throws -> Onnx_ModelProto {
        try Onnx_ModelProto(serializedBytes: #require(builder.plan().steps.first).makeBlock().data)
    }

    private let reference = ModelBuilder.chain([1, 2, 3])

    @Test func `Names do not count`() throws {
        #expect(try ids(.chain([1, 2, 3], prefix: "other_")) == ids(reference))
    }

    @Test func `The order of nodes and weights in the file does not count`() throws {
        var builder = reference
        builder.proto.graph.node.reverse()
        builder.proto.graph.initializer.reverse()
        #expect(try ids(builder) == ids(reference))
    }

    @Test func `Documentation, metadata, producer and declared inner types do not count`() throws {
        var builder = reference
        var entry = Onnx_StringStringEntryProto()
        entry.key = "author"
        builder.proto.docString = "about"
        builder.proto.producerName = "exporter"
        builder.proto.irVersion = 9
        builder.proto.metadataProps = [entry]
        builder.proto.graph.name = "main"
        builder.proto.graph.docString = "about"
        builder.proto.graph.valueInfo = [ModelBuilder.value("layer0")]
        for index in builder.proto.graph.node.indices {
            builder.proto.graph.node[index].name = "node \(index)"
            builder.proto.graph.node[index].docString = "about"
            builder.proto.graph.node[index].metadataProps = [entry]
        }
        builder.proto.graph.initializer[0].docString = "about"
        #expect(try ids(builder) == ids(reference))
    }

    @Test func `Names of dimensions do not count, extents do`() throws {
        var named = reference
        named.proto.graph.input[0].type.tensorType.shape.dim[0].dimParam = "batch"
        #expect(try ids(named) == ids(reference))
        var fixed = reference
        fixed.proto.graph.input[0].type.tensorType.shape.dim[0].dimValue = 1
        #expect(try ids(fixed).first != ids(reference).first)
        #expect(try ids(fixed).dropFirst() == ids(reference).dropFirst())
    }

    @Test func `How weights are written does not count: typed, raw, or as a constant`() throws {
        var typed = reference
        typed.proto.graph.initializer[0].clearRawData()
        typed.proto.graph.initializer[0].floatData = [1, 2, 3, 4]
        #expect(try ids(typed) == ids(reference))
        var constant = reference
        let tensor = constant.proto.graph.initializer.removeFirst()
        constant.add("Constant", [], [tensor.name], attributes: [ModelBuilder.attribute("value", tensor)])
        #expect(try ids(constant) == ids(reference))
    }

    @Test func `Unused weights and nodes are dropped`() throws {
        var builder = reference
        builder.weights("unused", [1])
        builder.add("Relu", ["layer0"], ["dead"])
        #expect(try ids(builder) == ids(reference))
    }

    @Test func `One bit of one weight makes another block, and only that one`() throws {
        var builder = reference
        builder.proto.graph.initializer[1].rawData[3] ^= 1
        let (found, expected) = (try ids(builder), try ids(reference))
        #expect(found.count == 3)
        #expect(zip(found, expected).map { $0 == $1 } == [true, false, true])
    }

    @Test(arguments: [0, 1, 2]) func `A block is found at any position`(position: Int) throws {
        var seeds: [Float] = [10, 20, 30]
        seeds[position] = 2
        let shared = try ids(reference)[1]
        // The last layer has no Relu after it, so it is another block.
        #expect(try ids(.chain(seeds)).contains(shared) == (position < 2))
    }

    @Test func `Attributes count, their order does not`() throws {
        func model(_ attributes: [Onnx_AttributeProto]) throws -> [BlockID] {
            var builder = ModelBuilder()
            builder.layer("x", "a", seed: 1)
            builder.add("Flatten", ["a"], ["y"], attributes: attributes)
            return try ids(builder)
        }
        let (first, second) = (ModelBuilder.attribute("axis", 1), ModelBuilder.attribute("bias", 2))
        #expect(try model([first, second]) == model([second, first]))
        #expect(try model([first]) != model([ModelBuilder.attribute("axis", 2)]))
    }

    @Test(arguments: [9, 11, 18, 23])
    func `The number of the operator set does not count where operators did not change`(
        version: Int64
    ) throws {
        var builder = reference
        builder.proto.opsetImport[0].version = version
        #expect(try ids(builder) == ids(reference))
    }

    @Test func `The operator set counts where nothing is known of an operator`() throws {
        func model(_ version: Int64) throws -> [BlockID] {
            var builder = reference
            builder.proto.opsetImport[0].version = version
            for index in builder.proto.graph.node.indices where builder.proto.graph.node[index].opType == "Relu" {
                builder.proto.graph.node[index].opType = "Unheard"
            }
            return try ids(builder)
        }
        #expect(try model(18).first != model(17).first)
        #expect(try model(18).last == model(17).last)
    }

    @Test func `Operator sets of domains that are not used are dropped, and the default domain's long name too`() throws
    {
        var builder = reference
        var unused = Onnx_OperatorSetIdProto()
        unused.domain = "com.example"
        unused.version = 1
        builder.proto.opsetImport[0].domain = "ai.onnx"
        builder.proto.opsetImport.append(unused)
        for index in builder.proto.graph.node.indices { builder.proto.graph.node[index].domain = "ai.onnx" }
        #expect(try ids(builder) == ids(reference))
    }

    @Test func `Optional inputs that are left out stay left out`() throws {
        var builder = ModelBuilder()
        builder.layer("x", "a", seed: 1)
        builder.weights("high", [6])
        builder.add("Clip", ["a", "", "high"], ["y"])
        let block = try firstBlock(builder)
        #expect(block.graph.node.last?.input == ["o0", "", "w1"] || block.graph.node.last?.input == ["v0", "", "w1"])
    }

    @Test func `A block is a model of its own with names by first use`() throws {
        let block = try firstBlock(reference)
        #expect(block.graph.node.map(\.opType) == ["MatMul", "Relu"])
        #expect(block.graph.node.map(\.input) == [["i0", "w0"], ["v0"]])
        #expect(block.graph.node.map(\.output) == [["v0"], ["o0"]])
        #expect(block.graph.input.map(\.name) == ["i0"])
        #expect(block.graph.output.map(\.name) == ["o0"])
        #expect(block.graph.initializer.map(\.name) == ["w0"])
        #expect(block.graph.input.first?.specification?.shape == [-1, 4])
        #expect(block.opsetImport.map(\.version) == [17])
        #expect(block.irVersion == 10)
    }

    @Test func `Names inside subgraphs do not count, what they capture does`() throws {
        func model(_ prefix: String, captures: String) throws -> [BlockID] {
            var inner = ModelBuilder.graph(inputs: [], outputs: ["\(prefix)_deep"])
            inner.node = [ModelBuilder.node("Neg", ["\(prefix)_t"], ["\(prefix)_deep"])]
            var branch = ModelBuilder.graph(inputs: [], outputs: ["\(prefix)_out"])
            branch.initializer = [ModelBuilder.tensor("\(prefix)_w", [1])]
            branch.node = [
                ModelBuilder.node("Add", [captures, "\(prefix)_w"], ["\(prefix)_t"]),
                ModelBuilder.node(
                    "If",
                    [captures],
                    ["\(prefix)_out"],
                    attributes: [ModelBuilder.attribute("then_branch", inner)]
                ),
            ]
            var builder = ModelBuilder()
            builder.layer("x", "a", seed: 1)
            builder.add("Relu", ["a"], ["b"])
            builder.add("If", ["a"], ["c"], attributes: [ModelBuilder.attribute("then_branch", branch)])
            builder.add("Add", ["b", "c"], ["y"])
            return try ids(builder)
        }
        #expect(try model("p", captures: "a") == model("q", captures: "a"))
        #expect(try model("p", captures: "a") != model("p", captures: "b"))
    }

    @Test func `A tensor that holds less than its shape says is refused`() throws {
        var builder = reference
        builder.proto.graph.initializer[0].dims = [5]
        #expect(
            throws: CatalogError(
                .invalidModel,
                "tensor 'layer0_weights' holds 16 bytes where its shape [5] says 20"
            )
        ) { try ids(builder) }
        builder.proto.graph.initializer[0].dims = [.max, .max]
        #expect(throws: CatalogError.self) { try ids(builder) }
    }
}

import FoundationEssentials
import ServingCore
import Testing

@testable import ModelCatalog

/// Names count byte by byte, texts for people do not count at all.
struct NameTests {
    private let composed = "\u{E9}"
    private let decomposed = "e\u{301}"

    @Test func `Composed and decomposed stay two inputs, with the file's own bytes`() throws {
        #expect(composed == decomposed && !composed.hasSameBytes(as: decomposed))
        var builder = ModelBuilder(inputs: [composed, decomposed])
        builder.layer(composed, "a", seed: 1)
        builder.layer(decomposed, "b", seed: 5)
        builder.add("Sub", ["a", "b"], ["y"])
        let model = try builder.plan().model(ModelID(name: "names", version: 1))
        #expect(model.inputs.map { Array($0.name.utf8) } == [Array(composed.utf8), Array(decomposed.utf8)])
        #expect(Set(model.steps.flatMap(\.inputSlots)).isSuperset(of: [0, 1]))
        let tensors = [composed, decomposed].map { TensorSpecification(name: $0, datatype: .bool, shape: []) }
        #expect(tensors[0] != tensors[1])
    }

    @Test(arguments: ["plain", "100%", "%C3%A9", "\u{E9}", "e\u{301}", "%", "\u{1F600}%25"])
    func `Every name comes back as it was`(name: String) {
        let escaped = PlainNames.escaped(name)
        #expect(!PlainNames.isForeign(escaped))
        #expect(PlainNames.restored(escaped).hasSameBytes(as: name))
    }

    @Test func `Names in ASCII are left alone, also beside percent signs`() throws {
        var builder = ModelBuilder(inputs: ["x%41"], outputs: ["y"])
        builder.layer("x%41", "y", seed: 1)
        let model = try builder.model()
        #expect(!model.isRewritten)
        #expect(try builder.plan().model(ModelID(name: "names", version: 1)).inputs[0].name == "x%41")
    }

    @Test func `Inner names and subgraphs are told apart, too`() throws {
        var body = ModelBuilder.graph(inputs: [], outputs: [decomposed])
        body.node = [ModelBuilder.node("Neg", [composed], [decomposed])]
        var builder = ModelBuilder()
        builder.add("Relu", ["x"], [composed])
        builder.add("If", ["x"], ["y"], attributes: [ModelBuilder.attribute("then_branch", body)])
        let nodes = try builder.model().proto.graph.node
        let inner = try #require(nodes.last?.attribute.first?.g.node.first)
        #expect(inner.input == nodes.first?.output)
        #expect(inner.input != inner.output)
    }

    @Test func `A doc string that is not UTF-8 does not matter, a name that is not is named`() throws {
        var builder = ModelBuilder()
        builder.layer("x", "y", seed: 1)
        builder.proto.docString = "caf~"
        builder.proto.graph.node[0].docString = "caf~"
        builder.proto.graph.node[0].name = "plain"
        let latin = Self.replacing("caf~", by: [0x63, 0x61, 0x66, 0xE9], in: try builder.data())
        let model = try ONNXModel(latin, named: "latin")
        #expect(model.proto.graph.node[0].docString == "caf?" && model.isRewritten)
        #expect(model.sha256 != (try ONNXModel(builder.data(), named: "plain").sha256))
        builder.proto.graph.node[0].output = ["caf~"]
        let bad = Self.replacing("caf~", by: [0x63, 0x61, 0x66, 0xE9], in: try builder.data())
        let error = #expect(throws: CatalogError.self) { try ONNXModel(bad, named: "latin") }
        #expect(error?.message.contains("the name of an output of a node") == true)
    }

    private static func replacing(_ text: String, by bytes: [UInt8], in data: Data) -> Data {
        var content = Array(data)
        let pattern = Array(text.utf8)
        for start in 0...(content.count - pattern.count) where Array(content[start..<start + pattern.count]) == pattern
        {
            content.replaceSubrange(start..<start + pattern.count, with: bytes)
        }
        return Data(content)
    }

    @Test func `Names of dimensions are kept, words that stand for none are not`() throws {
        var builder = ModelBuilder(inputs: ["x", "z"])
        for (index, name) in ["batch", "None", "?", "sequence"].enumerated() {
            builder.proto.graph.input[index / 2].type.tensorType.shape.dim[index % 2].dimParam = name
        }
        builder.layer("x", "a", seed: 1)
        builder.add("Add", ["a", "z"], ["y"])
        let plan = try builder.plan()
        let inputs = try plan.model(ModelID(name: "names", version: 1)).inputs
        #expect(inputs.map(\.dimensionNames) == [["batch", ""], ["", "sequence"]])
    }
}

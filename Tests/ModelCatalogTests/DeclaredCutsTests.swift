import FoundationEssentials
import ServingCore
import SwiftProtobuf
import Testing

@testable import ModelCatalog

struct DeclaredCutsTests {
    /// A residual layer, which is one block: `y = relu(x w1) w2 + x`, with a further `tanh` of its own in the middle.
    private func residual(metadata: String? = nil, second: Float = 2) -> ModelBuilder {
        var builder = ModelBuilder()
        builder.layer("x", "a", seed: 1)
        builder.add("Relu", ["a"], ["b"])
        builder.add("Tanh", ["b"], ["c"])
        builder.layer("c", "d", seed: second)
        builder.add("Sub", ["d", "a"], ["e"])
        builder.add("Sub", ["e", "x"], ["y"])
        if let metadata {
            var entry = Onnx_StringStringEntryProto()
            (entry.key, entry.value) = (DeclaredCuts.metadataKey, metadata)
            builder.proto.metadataProps = [entry]
        }
        return builder
    }

    private func plan(_ builder: ModelBuilder, cuts: [String]? = nil) throws -> ImportPlan {
        try ImportPlan(builder.model(), inference: TypeTable(), cuts: cuts)
    }

    private func run(_ plan: ImportPlan) throws -> [String] {
        var data: [BlockID: Data] = [:]
        for step in plan.steps { data[step.id] = try step.makeBlock().data }
        let model = try plan.model(ModelID(name: "cut", version: 1))
        return try SymbolicInterpreter.run(model, inputs: ["x"]) { try #require(data[$0]) }
    }

    @Test func `A model is cut at the tensors that are named, and calculates the same`() throws {
        let whole = try plan(residual())
        #expect(whole.steps.count == 1)
        for names in [["c"], ["b"], ["c", "e"], ["e", "b", "c"]] {
            let cut = try plan(residual(), cuts: names)
            #expect(cut.steps.count == names.count + 1, "\(names)")
            #expect(Set(cut.steps.flatMap(\.outputs)).isSuperset(of: names))
            #expect(try run(cut) == run(whole), "\(names)")
        }
    }

    @Test func `What stands before a cut is shared where what stands behind it differs`() throws {
        let (one, other) = (residual(metadata: "c"), residual(metadata: " c ,", second: 3))
        #expect(try plan(one).steps.first?.id == plan(other).steps.first?.id)
        #expect(try plan(one).steps.last?.id != plan(other).steps.last?.id)
        #expect(try plan(residual()).steps.first?.id != plan(residual(second: 3)).steps.first?.id)
    }

    @Test func `An import's names count instead of the file's`() throws {
        #expect(try plan(residual(metadata: "c")).steps.count == 2)
        #expect(try plan(residual(metadata: "c"), cuts: []).steps.count == 1)
        #expect(try plan(residual(metadata: "c"), cuts: ["b", "e"]).steps.count == 3)
    }

    @Test func `Names of no tensor between layers are all in the error, with what is wrong`() throws {
        #expect {
            _ = try plan(residual(), cuts: ["c", "nowhere", "a_weights", "x"])
        } throws: { error in
            let message = (error as? CatalogError)?.message ?? ""
            return message.contains("'nowhere' is no tensor of the model")
                && message.contains("'a_weights' is a parameter")
                && message.contains("'x' is an input of the model") && !message.contains("'c'")
        }
    }

    @Test func `A tensor that only passes its input on can be named`() throws {
        var builder = residual()
        builder.proto.graph.node[2].input = ["passed"]
        builder.add("Identity", ["b"], ["passed"])
        builder.proto.graph.node.swapAt(2, builder.proto.graph.node.count - 1)
        let cut = try plan(builder, cuts: ["passed"])
        #expect(cut.steps.count == 2)
        #expect(try cut.steps.map(\.id) == plan(residual(), cuts: ["b"]).steps.map(\.id))
    }

    @Test func `A cut at an output, or twice at one, changes nothing more`() throws {
        #expect(try plan(residual(), cuts: ["y"]).steps.map(\.id) == plan(residual()).steps.map(\.id))
        #expect(try plan(residual(), cuts: ["c", "c"]).steps.count == 2)
    }
}

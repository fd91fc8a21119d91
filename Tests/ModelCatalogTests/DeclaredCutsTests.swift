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

    // MARK: Advice

    /// Layers `v + tanh(v W) B`, each with a low-rank branch `v A C` beside `v W` where `branch` is not nil, and a head.
    private func adapted(branch: Float?, head: Float) -> ModelBuilder {
        var builder = ModelBuilder()
        var value = "x"
        for layer in 0..<3 {
            let name = { (part: String) in "\(part)\(layer)" }
            for (part, seed) in [("W", Float(layer)), ("B", Float(layer) + 0.5)] {
                builder.weights(name(part), (0..<64).map { seed + Float($0) })
            }
            builder.add("MatMul", [value, name("W")], [name("base")])
            if let branch {
                builder.weights(name("A"), [branch, 1])
                builder.weights(name("C"), [branch, 2])
                builder.add("MatMul", [value, name("A")], [name("low")])
                builder.add("MatMul", [name("low"), name("C")], [name("side")])
                builder.add("Add", [name("base"), name("side")], [name("sum")])
            }
            builder.add("Tanh", [branch == nil ? name("base") : name("sum")], [name("bent")])
            builder.add("MatMul", [name("bent"), name("B")], [name("back")])
            builder.add("Add", [value, name("back")], [name("out")])
            value = name("out")
        }
        builder.layer(value, "y", seed: head)
        return builder
    }

    @Test func `Advice cuts low-rank branches off from the layers they stand beside`() throws {
        let models = try [(1, 10), (2, 20), (3, 30)].map { try adapted(branch: Float($0), head: Float($1)).model() }
        let cuts = try CutAdvice.tensors(of: models[0], besides: models.dropFirst())
        #expect(Set(cuts).isSuperset(of: ["base0", "bent0", "base1", "bent1", "base2", "bent2"]))
        var shared: [Set<BlockID>] = []
        var whole: [Set<BlockID>] = []
        for model in models {
            let plan = try ImportPlan(model, inference: TypeTable(), cuts: cuts)
            shared.append(
                Set(
                    try plan.steps.filter { step in
                        try Onnx_ModelProto(block: step.makeBlock().data).graph.initializer.contains {
                            $0.rawData.count == 256
                        }
                    }.map(\.id)
                )
            )
            whole.append(Set(try ImportPlan(model, inference: TypeTable()).steps.map(\.id)))
        }
        // Every block with a large weight is in all three; without cuts none is.
        #expect(shared[0].count == 6)
        #expect(shared[1] == shared[0] && shared[2] == shared[0])
        #expect(whole[0].isDisjoint(with: whole[1]))
    }

    @Test func `Where all is in common, or nothing, there is nothing to cut`() throws {
        let model = try adapted(branch: 1, head: 10).model()
        #expect(try CutAdvice.tensors(of: model, besides: [model]).isEmpty)
        #expect(try CutAdvice.tensors(of: model, besides: []).isEmpty)
        let other = try ModelBuilder.chain([70, 80]).model()
        #expect(try CutAdvice.tensors(of: model, besides: [other]).isEmpty)
    }
}

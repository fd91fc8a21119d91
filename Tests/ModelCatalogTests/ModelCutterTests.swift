import ServingCore
import Testing

@testable import ModelCatalog

struct ModelCutterTests {
    private func segments(_ builder: ModelBuilder) throws -> [ModelSegment] {
        try ModelCutter(builder.flow()).segments { _ in true }
    }

    @Test func `A segment without weights joins the one before it`() throws {
        #expect(
            try segments(.chain([1, 2, 3])) == [
                ModelSegment(outputs: ["layer0_relu"]),
                ModelSegment(outputs: ["layer1_relu"]),
                ModelSegment(outputs: ["y"]),
            ]
        )
    }

    @Test func `A first segment without weights joins the one after it`() throws {
        var builder = ModelBuilder()
        builder.add("Sub", ["x", "x"], ["centred"])
        builder.add("Relu", ["centred"], ["a"])
        builder.layer("a", "b", seed: 1)
        builder.layer("b", "y", seed: 2)
        #expect(
            try segments(builder) == [
                ModelSegment(outputs: ["b"]), ModelSegment(outputs: ["y"]),
            ]
        )
    }

    @Test func `What only scales, shifts, normalises or shapes stays with the layer before it`() throws {
        var builder = ModelBuilder()
        for name in ["bias", "scale", "mean", "variance"] { builder.weights(name, [1, 2, 3, 4]) }
        builder.layer("x", "a", seed: 1)
        builder.add("Add", ["a", "bias"], ["b"])
        builder.add("BatchNormalization", ["b", "scale", "bias", "mean", "variance"], ["c"])
        builder.layer("c", "d", seed: 2)
        builder.add("Add", ["d", "bias"], ["y"])
        #expect(
            try segments(builder) == [
                ModelSegment(outputs: ["c"]), ModelSegment(outputs: ["y"]),
            ]
        )
    }

    @Test func `A model without weights is one segment`() throws {
        var builder = ModelBuilder()
        builder.add("Relu", ["x"], ["a"])
        builder.add("Neg", ["a"], ["y"])
        #expect(try segments(builder) == [ModelSegment(outputs: ["y"])])
    }

    @Test func `An output from the middle is handed on by the segment it is made in`() throws {
        var builder = ModelBuilder(outputs: ["y", "features", "early"])
        builder.layer("x", "a", seed: 1)
        builder.add("Relu", ["a"], ["early"])
        builder.layer("a", "features", seed: 2)
        builder.layer("features", "y", seed: 3)
        #expect(
            try segments(builder) == [
                ModelSegment(outputs: ["a"]),
                ModelSegment(outputs: ["features", "early"]),
                ModelSegment(outputs: ["y"]),
            ]
        )
    }

    @Test func `Heads that start at the same value are one segment with several outputs`() throws {
        var builder = ModelBuilder(outputs: ["y1", "y2"])
        builder.layer("x", "a", seed: 1)
        builder.layer("a", "y1", seed: 2)
        builder.layer("a", "y2", seed: 3)
        #expect(
            try segments(builder) == [
                ModelSegment(outputs: ["a"]), ModelSegment(outputs: ["y1", "y2"]),
            ]
        )
    }

    @Test func `A gather carries weights where it looks rows up in a table, not where its index is fixed`() throws {
        var builder = ModelBuilder()
        builder.weights("table", [1, 2, 3, 4])
        builder.weights("index", [0])
        builder.add("Gather", ["table", "x"], ["a"])
        builder.add("Gather", ["a", "index"], ["b"])
        builder.layer("b", "y", seed: 2)
        #expect(
            try segments(builder) == [
                ModelSegment(outputs: ["b"]), ModelSegment(outputs: ["y"]),
            ]
        )
    }

    @Test func `Trees keep their weights in attributes and are segments too`() throws {
        var builder = ModelBuilder()
        builder.layer("x", "a", seed: 1)
        builder.add("TreeEnsembleRegressor", ["a"], ["y"], domain: "ai.onnx.ml")
        #expect(
            try segments(builder) == [
                ModelSegment(outputs: ["a"]), ModelSegment(outputs: ["y"]),
            ]
        )
    }

    /// Layers in a row, each with the mask added in it.
    private func masked(_ seeds: [Float], prefix: String = "") -> ModelBuilder {
        var builder = ModelBuilder(inputs: ["x", "mask"])
        builder.add("Neg", ["mask"], ["negative"])
        builder.add("Exp", ["negative"], ["bias"])
        var value = "x"
        for (index, seed) in seeds.enumerated() {
            builder.layer(value, "score\(index)", seed: seed)
            builder.add("Add", ["score\(index)", "bias"], ["masked\(index)"])
            builder.layer("masked\(index)", "mixed\(index)", seed: seed + 100)
            builder.add("Add", ["mixed\(index)", value], ["sum\(index)"])
            value = "sum\(index)"
        }
        builder.add("Relu", [value], ["y"])
        return builder
    }

    @Test func `A mask that every layer reads hinders no cut, and is prepared once, by the first segment`() throws {
        #expect(
            try segments(masked([1, 2, 3])) == [
                ModelSegment(outputs: ["bias", "sum0"]), ModelSegment(outputs: ["sum1"]), ModelSegment(outputs: ["y"]),
            ]
        )
    }

    @Test func `Layers with a mask are shared at any position`() throws {
        let (short, long) = (try masked([1, 2, 3, 9]).plan(), try masked([5, 6, 2, 3, 2, 9]).plan())
        #expect(short.steps.map(\.inputs) == [["mask", "x"], ["sum0", "bias"], ["sum1", "bias"], ["sum2", "bias"]])
        #expect(long.steps[2].id == short.steps[1].id)
        #expect(long.steps[3].id == short.steps[2].id)
        #expect(long.steps[4].id == short.steps[1].id)
        #expect(long.steps[5].id == short.steps[3].id)
    }

    @Test func `Preparation of unknown type is calculated where it is needed instead of handed on`() throws {
        let builder = masked([1, 2, 3])
        let known = TensorSpecification(name: "", datatype: .float32, shape: [])
        let plan = try builder.plan(TypeTable(types: ["bias": known]))
        #expect(plan.steps.map(\.outputs) == [["sum0"], ["sum1"], ["y"]])
        #expect(plan.steps[1].inputs.sorted() == ["mask", "sum0"])
    }

    /// `depth` residual layers from `input`; gives the last value.
    private func tower(_ input: String, _ depth: Int, _ builder: inout ModelBuilder, seed: Float) -> String {
        var value = input
        for layer in 0..<depth {
            let name = "\(input)_\(layer)"
            builder.layer(value, name, seed: seed + Float(layer))
            builder.layer(name, "\(name)_up", seed: seed + Float(layer) + 50)
            builder.add("Add", ["\(name)_up", value], ["\(name)_sum"])
            value = "\(name)_sum"
        }
        return value
    }

    @Test func `Towers side by side are cut layer by layer, as each is alone`() throws {
        var both = ModelBuilder(inputs: ["x", "z"])
        let (left, right) = (tower("x", 9, &both, seed: 0), tower("z", 9, &both, seed: 1000))
        both.add("Mul", [left, right], ["y"])
        var alone = ModelBuilder(inputs: ["z"])
        alone.add("Relu", [tower("z", 9, &alone, seed: 1000)], ["y"])
        let (plan, single) = (try both.plan(), try alone.plan())
        #expect(plan.steps.count == 18)
        #expect(Set(plan.steps.map(\.id)).intersection(single.steps.map(\.id)).count == 8)
        #expect(plan.steps.allSatisfy { $0.inputs.count <= 2 && $0.outputs.count == 1 })
    }

    /// The layer a long skip starts at is cut in two: inside it no more values cross than behind it.
    @Test func `Long skips are handed past what lies between`() throws {
        var builder = ModelBuilder()
        let down = tower("x", 3, &builder, seed: 0)
        let middle = tower(down, 9, &builder, seed: 100)
        builder.add("Concat", [middle, down], ["joined"])
        builder.add("Relu", [tower("joined", 3, &builder, seed: 200)], ["y"])
        let plan = try builder.plan()
        #expect(plan.steps.count == 16)
        #expect(plan.steps.filter { $0.inputs.contains(down) }.count == 3)
    }

    @Test func `What holds few layers is not cut where several values cross`() throws {
        var builder = ModelBuilder()
        builder.add("Relu", [tower("x", 1, &builder, seed: 0)], ["y"])
        #expect(try segments(builder) == [ModelSegment(outputs: ["y"])])
    }
}

extension ModelCutterTests {
    /// A layer between dequantisation and quantisation, as tools for static quantisation write it.
    private func quantizedLayer(_ input: String, _ output: String, _ builder: inout ModelBuilder, seed: Float) {
        builder.add("DequantizeLinear", [input, "scale"], ["\(input)_\(output)_float"])
        builder.layer("\(input)_\(output)_float", "\(output)_raw", seed: seed)
        builder.add("Relu", ["\(output)_raw"], ["\(output)_relu"])
        builder.add("QuantizeLinear", ["\(output)_relu", "scale"], [output])
    }

    @Test func `A quantised model is cut behind quantisation, never between it and what it stands for`() throws {
        var builder = ModelBuilder()
        builder.weights("scale", [1])
        builder.add("QuantizeLinear", ["x", "scale"], ["q0"])
        for layer in 0..<3 { quantizedLayer("q\(layer)", "q\(layer + 1)", &builder, seed: Float(layer)) }
        builder.add("DequantizeLinear", ["q3", "scale"], ["y"])
        let found = try ModelCutter(builder.flow()).segments { _ in true }
        #expect(found.map(\.outputs) == [["q1"], ["q2"], ["y"]])
    }

    @Test func `Weights that are stored quantised do not keep a model from being cut`() throws {
        var builder = ModelBuilder()
        for name in ["w1", "w2", "scale"] { builder.weights(name, [1, 2, 3, 4]) }
        for name in ["w1", "w2"] { builder.add("DequantizeLinear", [name, "scale"], ["\(name)_float"]) }
        builder.add("MatMul", ["x", "w1_float"], ["a"])
        builder.add("MatMul", ["a", "w2_float"], ["y"])
        #expect(try ModelCutter(builder.flow()).segments { _ in true }.map(\.outputs) == [["a"], ["y"]])
    }
}

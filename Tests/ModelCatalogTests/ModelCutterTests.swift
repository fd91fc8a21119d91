import Testing

@testable import ModelCatalog

struct ModelCutterTests {
    private func segments(_ builder: ModelBuilder) throws -> [ModelSegment] {
        let cutter = ModelCutter(try builder.flow())
        return try cutter.segments(at: cutter.cuts())
    }

    @Test func `A segment without weights joins the one before it`() throws {
        #expect(
            try segments(.chain([1, 2, 3])) == [
                ModelSegment(entry: nil, outputs: ["layer0_relu"]),
                ModelSegment(entry: "layer0_relu", outputs: ["layer1_relu"]),
                ModelSegment(entry: "layer1_relu", outputs: ["y"]),
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
                ModelSegment(entry: nil, outputs: ["b"]), ModelSegment(entry: "b", outputs: ["y"]),
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
                ModelSegment(entry: nil, outputs: ["c"]), ModelSegment(entry: "c", outputs: ["y"]),
            ]
        )
    }

    @Test func `A model without weights is one segment`() throws {
        var builder = ModelBuilder()
        builder.add("Relu", ["x"], ["a"])
        builder.add("Neg", ["a"], ["y"])
        #expect(try segments(builder) == [ModelSegment(entry: nil, outputs: ["y"])])
    }

    @Test func `An output from the middle is handed on by the segment it is made in`() throws {
        var builder = ModelBuilder(outputs: ["y", "features", "early"])
        builder.layer("x", "a", seed: 1)
        builder.add("Relu", ["a"], ["early"])
        builder.layer("a", "features", seed: 2)
        builder.layer("features", "y", seed: 3)
        #expect(
            try segments(builder) == [
                ModelSegment(entry: nil, outputs: ["a"]),
                ModelSegment(entry: "a", outputs: ["features", "early"]),
                ModelSegment(entry: "features", outputs: ["y"]),
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
                ModelSegment(entry: nil, outputs: ["a"]), ModelSegment(entry: "a", outputs: ["y1", "y2"]),
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
                ModelSegment(entry: nil, outputs: ["b"]), ModelSegment(entry: "b", outputs: ["y"]),
            ]
        )
    }

    @Test func `Trees keep their weights in attributes and are segments too`() throws {
        var builder = ModelBuilder()
        builder.layer("x", "a", seed: 1)
        builder.add("TreeEnsembleRegressor", ["a"], ["y"], domain: "ai.onnx.ml")
        #expect(
            try segments(builder) == [
                ModelSegment(entry: nil, outputs: ["a"]), ModelSegment(entry: "a", outputs: ["y"]),
            ]
        )
    }
}

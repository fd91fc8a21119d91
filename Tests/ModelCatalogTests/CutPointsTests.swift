import Testing

@testable import ModelCatalog

struct CutPointsTests {
    @Test func `Every value of a chain is a cut point, but not its ends`() throws {
        let flow = try ModelBuilder.chain([1, 2, 3]).flow()
        #expect(CutPoints(of: flow).cuts == [["layer0"], ["layer0_relu"], ["layer1"], ["layer1_relu"]])
    }

    @Test func `What a skip connection goes around is no cut point`() throws {
        var builder = ModelBuilder()
        builder.layer("x", "a", seed: 1)
        builder.layer("a", "b", seed: 2)
        builder.layer("b", "c", seed: 3)
        builder.add("Add", ["c", "a"], ["d"])
        builder.layer("d", "y", seed: 4)
        #expect(CutPoints(of: try builder.flow()).cuts == [["a"], ["d"]])
    }

    @Test func `What is calculated from an input and read far on crosses no cut: every part may read it`() throws {
        var builder = ModelBuilder(inputs: ["x", "mask"])
        builder.add("Neg", ["mask"], ["bias"])
        var value = "x"
        for layer in 0..<6 {
            builder.layer(value, "a\(layer)", seed: Float(layer))
            builder.add("Add", ["a\(layer)", "bias"], ["b\(layer)"])
            value = "b\(layer)"
        }
        builder.add("Relu", [value], ["y"])
        let cuts = CutPoints(of: try builder.flow()).cuts
        #expect(cuts.contains(["a0"]) && cuts.contains(["b4"]))
    }

    @Test func `An input that is used a little later crosses every cut before that`() throws {
        var builder = ModelBuilder(inputs: ["x", "mask"])
        builder.layer("x", "a", seed: 1)
        builder.layer("a", "b", seed: 2)
        builder.add("Mul", ["b", "mask"], ["c"])
        builder.layer("c", "y", seed: 3)
        #expect(CutPoints(of: try builder.flow()).cuts == [["c"]])
    }

    @Test func `Inputs with a default value are parameters and cross nothing`() throws {
        var builder = ModelBuilder(inputs: ["x", "scale"])
        builder.weights("scale", [1, 2, 3, 4])
        builder.layer("x", "a", seed: 1)
        builder.add("Mul", ["a", "scale"], ["y"])
        #expect(CutPoints(of: try builder.flow()).cuts == [["a"]])
    }

    @Test func `Weights that are calculated from weights are parameters wherever they are used`() throws {
        var builder = ModelBuilder()
        builder.weights("w", [1, 2, 3, 4])
        builder.add("Constant", [], ["c"], attributes: [ModelBuilder.attribute("value", ModelBuilder.tensor("", [2]))])
        builder.add("Mul", ["w", "c"], ["scaled"])
        builder.add("MatMul", ["x", "scaled"], ["a"])
        builder.add("MatMul", ["a", "scaled"], ["y"])
        #expect(CutPoints(of: try builder.flow()).cuts == [["a"]])
    }

    @Test func `A random value is no parameter: it crosses the cuts before its use`() throws {
        var builder = ModelBuilder()
        builder.add("RandomNormal", [], ["noise"])
        builder.layer("x", "a", seed: 1)
        builder.add("Add", ["a", "noise"], ["b"])
        builder.layer("b", "y", seed: 2)
        #expect(CutPoints(of: try builder.flow()).cuts == [["b"]])
    }

    @Test func `What a subgraph captures counts as used by its node`() throws {
        var branch = ModelBuilder.graph(inputs: [], outputs: ["t"])
        branch.node = [ModelBuilder.node("Add", ["a", "b"], ["t"])]
        var other = ModelBuilder.graph(inputs: [], outputs: ["e"])
        other.node = [ModelBuilder.node("Neg", ["b"], ["e"])]
        var builder = ModelBuilder()
        builder.layer("x", "a", seed: 1)
        builder.layer("a", "b", seed: 2)
        builder.layer("b", "flag", seed: 3)
        builder.add(
            "If",
            ["flag"],
            ["c"],
            attributes: [
                ModelBuilder.attribute("then_branch", branch), ModelBuilder.attribute("else_branch", other),
            ]
        )
        builder.layer("c", "y", seed: 4)
        #expect(CutPoints(of: try builder.flow()).cuts == [["a"], ["c"]])
    }

    @Test func `The outputs of one node are a cut together`() throws {
        var builder = ModelBuilder()
        builder.layer("x", "a", seed: 1)
        builder.add("Split", ["a"], ["left", "right"])
        builder.add("Add", ["left", "right"], ["b"])
        builder.layer("b", "y", seed: 2)
        #expect(CutPoints(of: try builder.flow()).cuts == [["a"], ["left", "right"], ["b"]])
    }

    @Test func `Heads on one backbone each start at a cut point`() throws {
        var builder = ModelBuilder(outputs: ["y1", "y2"])
        builder.layer("x", "a", seed: 1)
        builder.layer("a", "b1", seed: 2)
        builder.layer("b1", "y1", seed: 3)
        builder.layer("a", "b2", seed: 4)
        builder.layer("b2", "y2", seed: 5)
        #expect(CutPoints(of: try builder.flow()).cuts == [["a"], ["b1"], ["b2"]])
    }

    @Test func `A model that depends on its own output is refused`() throws {
        var builder = ModelBuilder()
        builder.add("Add", ["x", "b"], ["a"])
        builder.add("Relu", ["a"], ["b"])
        builder.add("Relu", ["b"], ["y"])
        #expect(throws: CatalogError(.invalidModel, "Relu node depends on its own output")) { try builder.flow() }
    }

    @Test func `A model that reads what nothing writes is refused`() throws {
        var builder = ModelBuilder()
        builder.add("Add", ["x", "ghost"], ["y"])
        #expect(throws: CatalogError(.invalidModel, "Add node reads 'ghost', which nothing writes")) {
            try builder.flow()
        }
    }

    @Test func `A value that is written twice is refused`() throws {
        var twice = ModelBuilder()
        twice.add("Relu", ["x"], ["y"])
        twice.add("Neg", ["x"], ["y"])
        #expect(throws: CatalogError(.invalidModel, "value 'y' is written by two nodes")) { try twice.flow() }
        var shadowed = ModelBuilder()
        shadowed.add("Relu", ["x"], ["y"])
        shadowed.weights("y", [1])
        #expect(throws: CatalogError(.invalidModel, "value 'y' is defined twice")) { try shadowed.flow() }
    }
}

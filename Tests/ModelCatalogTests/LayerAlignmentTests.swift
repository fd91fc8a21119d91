import ServingCore
import Testing

@testable import ModelCatalog

struct LayerAlignmentTests {
    /// A layer whose weights are `weights`, of one shape.
    private func layer(_ block: String, _ weights: String = "", shape: String = "[4]") -> LayerFacts {
        let own = weights.isEmpty ? block : weights
        return LayerFacts(block: BlockID(block), operators: ["MatMul"], weights: [own: 16], shapes: [shape])
    }

    @Test func `Equal layers stand for each other, wherever others were put between them`() {
        let base = ["a", "b", "c"].map { layer($0, shape: "[\($0)]") }
        let inserted = ["a", "x", "b", "c"].map { layer($0, shape: "[\($0)]") }
        let alignment = LayerAlignment(of: inserted, against: base)
        #expect(alignment.partners == [0, nil, 1, 2])
        #expect(alignment.matches == [.equal, .none, .equal, .equal])
        #expect(alignment.leftOver.isEmpty)
    }

    @Test func `What is left over on both sides is said`() {
        let alignment = LayerAlignment(of: [layer("a"), layer("y", shape: "[5]")], against: [layer("a"), layer("b")])
        #expect(alignment.partners == [0, nil])
        #expect(alignment.leftOver == [1])
    }

    @Test func `Equal weights count more than equal shapes`() {
        let base = [layer("p"), layer("q", "weights of q")]
        let alignment = LayerAlignment(of: [layer("changed", "weights of q")], against: base)
        #expect(alignment.partners == [1])
        #expect(alignment.matches == [.weights])
    }

    @Test func `A layer that moved is found where it stands`() {
        let base = ["a", "b", "c", "d"].map { layer($0, shape: "[\($0)]") }
        let alignment = LayerAlignment(of: [base[3], base[0], base[1], base[2]], against: base)
        #expect(alignment.partners == [3, 0, 1, 2])
        #expect(alignment.matches.allSatisfy { $0 == .equal })
    }

    @Test func `Other shapes have nothing in common, and neither have layers without weights and other operators`() {
        #expect(layer("a").match(layer("b", shape: "[5]")) == .none)
        let bare = { (name: String, operation: String) in LayerFacts(block: BlockID(name), operators: [operation]) }
        #expect(bare("a", "Relu").match(bare("b", "Tanh")) == .none)
        #expect(bare("a", "Relu").match(bare("b", "Relu")) == .weights)
    }

    @Test func `Nothing against something, and far more layers than are compared pair by pair`() {
        #expect(LayerAlignment(of: [], against: [layer("a")]).leftOver == [0])
        let many = (0..<2100).map { layer("\($0)") }
        let alignment = LayerAlignment(of: many, against: many.reversed())
        #expect(alignment.partners == (0..<2100).reversed().map { $0 })
    }
}

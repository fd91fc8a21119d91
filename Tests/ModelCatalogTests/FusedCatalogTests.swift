import ServingCore
import Testing

@testable import ModelCatalog

struct FusedCatalogTests {
    private static func chain(_ name: String, _ blocks: String...) -> ServableModel {
        let tensor = TensorSpecification(name: "x", datatype: .float32, shape: [-1, 4])
        let steps = blocks.enumerated().map { index, block in
            BlockStep(
                block: ParameterBlock(id: BlockID(block), size: 10),
                inputSlots: [index],
                outputSlots: [index + 1]
            )
        }
        return ServableModel(
            id: ModelID(name: name, version: 1),
            inputs: [tensor],
            outputs: [tensor],
            steps: steps,
            slotCount: blocks.count + 1,
            outputSlots: [blocks.count]
        )
    }

    /// Per model, per step, the blocks in it.
    private static func cut(_ models: ServableModel...) -> [[String]] {
        let fused = FusedCatalog(models)
        return fused.models.map { model in
            model.steps.map { step in
                fused.units[step.block.id]?.members.map(\.block.hash).joined() ?? step.block.id.hash
            }
        }
    }

    @Test func `One model alone is one unit`() {
        #expect(Self.cut(Self.chain("m", "a", "b", "c")) == [["abc"]])
    }

    @Test func `A shared backbone is one unit, each head another`() {
        let cut = Self.cut(Self.chain("m", "a", "b", "c"), Self.chain("n", "a", "b", "d", "e"))
        #expect(cut == [["ab", "c"], ["ab", "de"]])
    }

    @Test func `Blocks shared in the middle are a unit of their own`() {
        #expect(
            Self.cut(Self.chain("m", "a", "x", "y", "b"), Self.chain("n", "c", "x", "y", "d")) == [
                ["a", "xy", "b"], ["c", "xy", "d"],
            ]
        )
    }

    @Test func `A model that stops short splits the unit`() {
        #expect(Self.cut(Self.chain("m", "a", "b", "c"), Self.chain("n", "a", "b")) == [["ab", "c"], ["ab"]])
    }

    @Test func `A block that comes twice is not joined to itself, and units may come twice`() {
        #expect(Self.cut(Self.chain("m", "a", "a")) == [["a", "a"]])
        #expect(Self.cut(Self.chain("m", "a", "b", "a", "b")) == [["ab", "ab"]])
        #expect(Self.cut(Self.chain("m", "a", "b", "c", "a", "b")) == [["ab", "c", "ab"]])
    }

    @Test func `Models that wire the same blocks differently keep them apart`() {
        var other = Self.chain("n", "a", "b")
        other.steps[1].inputSlots = [0]
        #expect(Self.cut(Self.chain("m", "a", "b"), other) == [["a", "b"], ["a", "b"]])
    }

    @Test func `A unit hands on what later blocks read`() throws {
        var model = Self.chain("m", "a", "b", "c")
        model.steps[2].inputSlots = [1, 2]
        let shared = Self.chain("n", "c")
        let fused = FusedCatalog([model, shared])
        let step = fused.models[0].steps[0]
        #expect(step.outputSlots == [1, 2])
        let unit = try #require(fused.units[step.block.id])
        #expect(unit.outputs == [.init(member: 0, output: 0), .init(member: 1, output: 0)])
        #expect(step.block.size == 20)
    }

    @Test func `A unit stays below the limit`() {
        let fused = FusedCatalog([Self.chain("m", "a", "b", "c", "d", "e")], limit: 25)
        #expect(fused.models[0].steps.map(\.block.size) == [20, 20, 10])
    }

    @Test func `A unit's id follows from its members alone`() {
        let alone = FusedCatalog([Self.chain("m", "a", "b")])
        let beside = FusedCatalog([Self.chain("k", "c", "d"), Self.chain("n", "a", "b")])
        #expect(Set(alone.units.keys).isSubset(of: beside.units.keys))
        #expect(beside.units.count == 2)
    }
}

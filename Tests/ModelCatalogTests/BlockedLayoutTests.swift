import Foundation
import ServingCore
import SwiftProtobuf
import Testing

@testable import ModelCatalog

/// Which edges stay in the layout of convolutions, and what becomes of their units.
struct BlockedLayoutTests {
    private static func chain(_ name: String, _ blocks: String...) -> ServableModel {
        let tensor = TensorSpecification(name: "x", datatype: .float32, shape: [-1, 16, 4, 4])
        return ServableModel(
            id: ModelID(name: name, version: 1),
            inputs: [tensor],
            outputs: [tensor],
            steps: blocks.enumerated().map { index, block in
                let parameters = ParameterBlock(id: BlockID(block), size: 10)
                return BlockStep(block: parameters, inputSlots: [index], outputSlots: [index + 1])
            },
            slotCount: blocks.count + 1,
            outputSlots: [blocks.count]
        )
    }

    /// Per model and step, the blocked inputs and outputs; `plain` blocks have none that could be.
    private static func layouts(_ models: [ServableModel], plain: Set<String> = []) -> [[String]] {
        let fused = FusedCatalog(models).blockingLayouts { id in
            plain.contains(id.hash) ? nil : EdgeChannels(inputs: [16], outputs: [16])
        }
        return fused.models.map { model in
            model.steps.map { step in
                let layout = fused.units[step.block.id]?.layout ?? .init()
                return (layout.inputs.isEmpty ? "" : "<") + (layout.outputs.isEmpty ? "" : ">")
            }
        }
    }

    @Test func `Edges between units are blocked, the model's own inputs and outputs are not`() {
        let models = [Self.chain("m", "a", "b", "c"), Self.chain("n", "d", "b", "e")]
        #expect(Self.layouts(models) == [[">", "<>", "<"], [">", "<>", "<"]])
    }

    @Test func `An edge is blocked only where all that any model connects to it can be`() {
        let models = [Self.chain("m", "a", "b", "c"), Self.chain("n", "d", "b", "e")]
        #expect(Self.layouts(models, plain: ["d"]) == [["", ">", "<"], ["", ">", "<"]])
        #expect(Self.layouts([Self.chain("m", "a", "b"), Self.chain("n", "a")]) == [["", ""], [""]])
    }

    @Test func `Units of different layouts have different ids`() throws {
        let models = [Self.chain("m", "a", "b", "c"), Self.chain("n", "d", "b", "e")]
        let plain = FusedCatalog(models)
        let blocked = plain.blockingLayouts { _ in EdgeChannels(inputs: [16], outputs: [16]) }
        let shared = blocked.models.map(\.steps[1].block.id)
        #expect(shared[0] == shared[1] && shared[0] != BlockID("b"))
        #expect(Set(blocked.units.keys).isDisjoint(with: plain.units.keys))
        #expect(blocked.models.map(\.steps.count) == plain.models.map(\.steps.count))
    }

    @Test func `Channels that do not agree are not blocked`() {
        let fused = FusedCatalog([Self.chain("m", "a", "b"), Self.chain("n", "a", "c")]).blockingLayouts { id in
            EdgeChannels(inputs: [id == BlockID("c") ? 32 : 16], outputs: [16])
        }
        #expect(fused.units.isEmpty)
    }

    @Test func `Images between convolutions gain, whatever has odd channels or no convolution does not`() {
        func edges(_ operation: String, channels: Int) -> EdgeChannels {
            var graph = ModelBuilder.graph(inputs: ["x"], outputs: ["y"], shape: [-1, channels, 8, 8])
            graph.node = [ModelBuilder.node(operation, ["x", "w"], ["v"]), ModelBuilder.node("Relu", ["v"], ["y"])]
            return EdgeChannels(graph)
        }
        #expect(edges("Conv", channels: 32) == EdgeChannels(inputs: [32], outputs: [32]))
        #expect(edges("Conv", channels: 24) == EdgeChannels(inputs: [nil], outputs: [nil]))
        #expect(edges("Mul", channels: 32) == EdgeChannels(inputs: [nil], outputs: [nil]))
    }

    @Test func `An outline has the file's nodes and edges, and half a file has none`() throws {
        let bytes: Data = try ModelBuilder.chain([1, 2]).proto.serializedBytes()
        let whole = try Onnx_ModelProto(serializedBytes: bytes).graph
        let outline = try #require(bytes.withUnsafeBytes { GraphOutline.graph(in: $0) })
        #expect(outline.node == whole.node && outline.input == whole.input && outline.output == whole.output)
        #expect(outline.initializer.isEmpty && !whole.initializer.isEmpty)
        #expect(bytes.dropLast(3).withUnsafeBytes { GraphOutline.graph(in: $0) } == nil)
    }
}

import FoundationEssentials
import ServingCore
import SwiftProtobuf
import Testing

@testable import ModelCatalog

struct ModelComparisonTests {
    private func compared(_ builder: ModelBuilder, _ name: String) throws -> ComparedModel {
        try ComparedModel(builder.model(), name: name, types: TypeTable())
    }

    private func comparison(_ builders: ModelBuilder...) throws -> ModelComparison {
        try ModelComparison(builders.enumerated().map { try compared($1, "model\($0)") })
    }

    private func verdicts(_ comparison: ModelComparison) -> [[LayerVerdict]] {
        comparison.pairs.map { $0.rows.map(\.verdict) }
    }

    @Test func `Equal layers are equal whatever opset and names the files have`() throws {
        var other = ModelBuilder.chain([1, 2, 3], prefix: "other")
        other.proto.opsetImport[0].version = 13
        let comparison = try comparison(.chain([1, 2, 3]), other)
        #expect(verdicts(comparison) == [[.equal, .equal, .equal]])
        #expect(comparison.bytesTogether * 2 == comparison.bytesAlone)
        #expect(comparison.models.map(\.opset) == [17, 13])
    }

    @Test func `Equal weights in another graph are equal but for form, and why is said`() throws {
        var other = ModelBuilder.chain([1, 2])
        other.proto.graph.node[1].opType = "Sigmoid"
        let found = try verdicts(comparison(.chain([1, 2]), other))
        #expect(found == [[.form(why: "operators: Sigmoid against Relu"), .equal]])
    }

    @Test func `Other values in the same shape are near, with the largest difference`() throws {
        let comparison = try comparison(.chain([1, 2]), .chain([1, 2.5]))
        let near = LayerVerdict.near(largestDifference: 0.5, largestWeight: 5, form: nil)
        #expect(verdicts(comparison) == [[.equal, near]])
    }

    @Test func `A layer that only one model has is different, and its weights may be elsewhere`() throws {
        let comparison = try comparison(.chain([1, 2, 3]), .chain([1, 2]))
        #expect(comparison.pairs[0].rows.map(\.layer) == [0, 1, nil])
        #expect(comparison.pairs[0].rows.map(\.baseLayer) == [0, 2, 1] || comparison.pairs[0].rows[2].baseLayer == 2)
        guard case .different(let found, let total) = comparison.pairs[0].rows[2].verdict else {
            Issue.record("\(comparison.pairs[0].rows)")
            return
        }
        #expect(found == 0 || found == total)
    }

    @Test func `All models are compared with the first, and blocks are counted once in all of them together`() throws {
        let comparison = try comparison(.chain([1, 2]), .chain([1, 3]), .chain([1, 3]))
        #expect(comparison.pairs.map(\.model) == [1, 2])
        let sizes = comparison.models[0].layers.map(\.bytes)
        #expect(comparison.bytesAlone == 3 * (sizes[0] + sizes[1]))
        #expect(comparison.bytesTogether == sizes[0] + 2 * sizes[1])
    }

    @Test func `Load times count equal blocks once, and are left out where one is not known`() throws {
        let comparison = try comparison(.chain([1, 2]), .chain([1, 3]))
        let load = try #require(comparison.loadSeconds { _ in 2 })
        #expect(load.alone == 8)
        #expect(load.together == 6)
        let unknown = try #require(comparison.models[1].layers.last?.block)
        #expect(comparison.loadSeconds { $0 == unknown ? nil : 2 } == nil)
        let setting = ComparisonSetting(share: 0.5)
        #expect(comparison.text(setting).contains("no measurement of 3 of 3 blocks"))
        #expect(comparison.text(setting).contains("no measurement of 2 of 2 models"))
    }

    @Test func `The fewest first layers that have the wanted share are to be frozen`() throws {
        let model = try compared(.chain([1, 2, 3, 4]), "model")
        #expect(FrozenPart(of: model, share: 0).layerCount == 0)
        #expect(FrozenPart(of: model, share: 1).layerCount == 4)
        let half = FrozenPart(of: model, share: 0.5)
        #expect(half.share >= 0.5)
        let before = model.layers.prefix(half.layerCount - 1).reduce(0) { $0 + $1.bytes }
        #expect(Double(before) < 0.5 * Double(model.bytes))
    }

    @Test func `Names come from the file, and are text and nothing else in the picture`() throws {
        var builder = ModelBuilder.chain([1, 2])
        let evil = "<script>\"&\u{1}"
        for index in builder.proto.graph.node.indices {
            builder.proto.graph.node[index].input = builder.proto.graph.node[index].input.map {
                $0 == "y_weights" ? evil : $0
            }
        }
        builder.proto.graph.initializer[1].name = evil
        let comparison = try ModelComparison([compared(builder, evil), compared(.chain([1, 2]), "plain")])
        let picture = ComparisonDrawing(comparison).svg
        #expect(picture.contains("&lt;script&gt;&quot;&amp;?"))
        #expect(!picture.contains("<script"))
        #expect(picture.components(separatedBy: "<rect").count == 1 + 1 + 4 + 4)
    }

    @Test func `JSON says what the table says`() throws {
        let comparison = try comparison(.chain([1, 2]), .chain([1, 3]))
        let text = try comparison.json(ComparisonSetting(share: 0.5))
        for part in [
            "\"bytes_saved\":\(comparison.bytesSaved)", "\"load_s_alone\":null", "\"verdict\":\"equal\"",
            "\"verdict\":\"near\"", "\"largest_difference\":1", "\"freeze\":{",
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
    }
}

struct WeightDistanceTests {
    private func tensor(_ values: [Float]) -> Onnx_TensorProto { ModelBuilder.tensor("", values) }

    @Test func `The largest difference of any element counts, and the largest weight of the first`() throws {
        let found = try #require(WeightDistance([tensor([1, -8]), tensor([2])], [tensor([1.5, -8]), tensor([4])]))
        #expect(found.largest == 2)
        #expect(found.scale == 8)
    }

    @Test func `What is no number on one side is infinitely far`() throws {
        #expect(WeightDistance([tensor([.nan, 1])], [tensor([.nan, 1])])?.largest == 0)
        #expect(WeightDistance([tensor([.nan])], [tensor([1])])?.largest == .infinity)
        #expect(WeightDistance([tensor([1])], [tensor([-.infinity])])?.largest == .infinity)
    }

    @Test func `Other shapes are not compared`() {
        #expect(WeightDistance([tensor([1, 2])], [tensor([1])]) == nil)
        #expect(WeightDistance([], []) == nil)
    }

    @Test func `Half precision is read as numbers`() throws {
        func half(_ bits: UInt16) -> Onnx_TensorProto {
            var tensor = Onnx_TensorProto()
            tensor.dims = [1]
            tensor.dataType = Int32(Onnx_TensorProto.DataType.float16.rawValue)
            tensor.rawData = Data([UInt8(bits & 0xFF), UInt8(bits >> 8)])
            return tensor
        }
        #expect(WeightDistance([half(0x3C00)], [half(0x4000)])?.largest == 1)
    }
}

struct LayerLabelTests {
    @Test func `A layer is called what its weights' names have in common`() {
        let names = ["layer1.0.conv1.weight", "layer1.0.conv2.weight", "onnx::Conv_193"]
        #expect(LayerLabel.text(weights: names, outputs: ["y"], operators: []) == "layer1.0")
        #expect(LayerLabel.text(weights: ["fc.weight"], outputs: [], operators: []) == "fc.weight")
    }

    @Test func `Without telling names it is the output's, or the operators`() {
        let label = { (weights: [String], outputs: [String]) in
            LayerLabel.text(weights: weights, outputs: outputs, operators: ["Conv", "Relu", "Conv", "Add"])
        }
        #expect(label(["a.b", "c.d"], ["/layer1/Relu_output_0"]) == "/layer1/Relu_output_0")
        #expect(label(["193"], ["195"]) == "Conv Relu Conv and 1 more")
    }
}

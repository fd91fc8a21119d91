import FoundationEssentials
import ServingCore
import Testing

@testable import ModelCatalog

struct MemoryEstimateTests {
    private func graph(_ type: String, strings: Int, numbers: Int) -> Onnx_GraphProto {
        var node = Onnx_NodeProto()
        node.opType = type
        node.domain = "ai.onnx.ml"
        var words = Onnx_AttributeProto()
        words.name = "words"
        words.strings = (0..<strings).map { Data("word \($0)".utf8) }
        var values = Onnx_AttributeProto()
        values.name = "values"
        values.ints = (0..<numbers).map(Int64.init)
        node.attribute = [words, values]
        var graph = Onnx_GraphProto()
        graph.node = [node]
        return graph
    }

    @Test func `What attributes hold counts, and what operators make of it`() throws {
        let forest = try graph("TreeEnsembleRegressor", strings: 1000, numbers: 10_000).memoryByteCount()
        #expect(forest == (1000 * 56 + 80_000) / 10 * 13)
        let vocabulary = try graph("LabelEncoder", strings: 1000, numbers: 10_000).memoryByteCount()
        #expect(vocabulary == 80_000 + 56_000 / 2 * 7)
    }

    @Test func `Settings count nothing`() throws {
        #expect(try graph("Conv", strings: 1, numbers: 8).memoryByteCount() == 0)
    }
}

import Testing

@testable import ModelCatalog

struct OperatorVersionsTests {
    private func opsets(
        _ operation: String,
        at opset: Int,
        inputs: Int = 2,
        attributes: [Onnx_AttributeProto] = [],
        types: Set<Int32> = [1]
    ) -> ClosedRange<Int> {
        let node = ModelBuilder.node(
            operation,
            (0..<inputs).map { "i\($0)" },
            ["y"],
            attributes: attributes
        )
        return OperatorVersions.shared.opsets(of: node, at: opset, types: types)
    }

    @Test func `An operator that did not change means the same in all opsets`() {
        #expect(opsets("MatMul", at: 11) == 7...28)
        #expect(opsets("Conv", at: 23) == 7...28)
    }

    @Test func `An operator did not exist before its first version`() {
        #expect(opsets("LayerNormalization", at: 20).lowerBound == 17)
    }

    @Test func `Where the meaning changed, opsets before and after differ`() {
        #expect(opsets("Softmax", at: 12, inputs: 1) == 7...12)
        #expect(opsets("Softmax", at: 13, inputs: 1) == 13...28)
    }

    @Test func `A node that uses what a version brought does not mean the same before it`() {
        let ceil = [ModelBuilder.attribute("ceil_mode", 1)]
        #expect(opsets("AveragePool", at: 21, inputs: 1, attributes: ceil) == 19...21)
        #expect(opsets("AveragePool", at: 21, inputs: 1) == 7...28)
        #expect(opsets("ReduceMean", at: 18) == 18...28)
        #expect(opsets("ReduceMean", at: 18, inputs: 1) == 7...28)
        #expect(opsets("ReduceMean", at: 17, inputs: 1, attributes: [ModelBuilder.attribute("axes", 1)]) == 7...17)
    }

    @Test func `Element types that a version brought are not taken before it`() {
        let half = Int32(Onnx_TensorProto.DataType.bfloat16.rawValue)
        #expect(opsets("Conv", at: 22, types: [1, half]) == 22...28)
        #expect(opsets("Conv", at: 22, types: [1, 10]) == 7...28)
    }

    @Test func `Nothing is said of operators and opsets that the table does not know`() {
        #expect(opsets("Unheard", at: 17) == 17...17)
        #expect(opsets("MatMul", at: 99) == 99...99)
        #expect(opsets("MatMul", at: 6) == 6...6)
    }

    @Test func `Parts that come to different opsets have one for all of them`() {
        #expect(OpsetChoice.common([17, 18, 17]) == 18)
        #expect(OpsetChoice.common([12, 17]) == 12)
        #expect(OpsetChoice.common([]) == nil)
    }

    @Test func `The opset of nodes together is the one next to the preferred, nil where they contradict each other`() {
        var choice = OpsetChoice(types: [])
        var agrees = choice.add(ModelBuilder.node("MatMul", ["a", "b"], ["c"]), at: 9)
        #expect(agrees)
        #expect(choice.opset == 17)
        agrees = choice.add(ModelBuilder.node("Softmax", ["c"], ["d"]), at: 9)
        #expect(agrees)
        #expect(choice.opset == 12)
        agrees = choice.add(ModelBuilder.node("LayerNormalization", ["d", "s"], ["e"]), at: 17)
        #expect(!agrees)
    }
}

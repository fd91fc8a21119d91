import FoundationEssentials
import ServingCore
import SwiftProtobuf
import Testing

@testable import ModelCatalog

struct FunctionInlinerTests {
    private typealias Make = ModelBuilder

    private func reference(_ name: String, to given: String) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        (attribute.name, attribute.type, attribute.refAttrName) = (name, .float, given)
        return attribute
    }

    /// `steep(x, w) = elu(x w)` with a slope that calls may give and that is 2 without.
    private func steep(opset: Int64 = 17) -> Onnx_FunctionProto {
        var function = Onnx_FunctionProto()
        (function.name, function.domain) = ("Steep", "com.example")
        (function.input, function.output) = (["in", "w"], ["out"])
        function.node = [
            Make.node("MatMul", ["in", "w"], ["t"]),
            Make.node("Elu", ["t"], ["out"], attributes: [reference("alpha", to: "slope")]),
        ]
        function.attributeProto = [Make.attribute("slope", float: 2)]
        var operators = Onnx_OperatorSetIdProto()
        operators.version = opset
        function.opsetImport = [operators]
        return function
    }

    private func model(_ functions: [Onnx_FunctionProto], _ attributes: [Onnx_AttributeProto] = []) -> ModelBuilder {
        var builder = ModelBuilder()
        builder.proto.functions = functions
        builder.weights("w0", [1, 2, 3, 4])
        builder.weights("w1", [5, 6, 7, 8])
        builder.add("Steep", ["x", "w0"], ["a"], domain: "com.example")
        builder.add("Steep", ["a", "w1"], ["y"], domain: "com.example", attributes: attributes)
        return builder
    }

    private func written(_ slopes: [Float]) -> ModelBuilder {
        var builder = ModelBuilder()
        for (place, (slope, names)) in zip(slopes, [("x", "a"), ("a", "y")]).enumerated() {
            let values: [Float] = place == 0 ? [1, 2, 3, 4] : [5, 6, 7, 8]
            builder.weights("w\(place)", values)
            builder.add("MatMul", [names.0, "w\(place)"], ["\(names.1)0"])
            builder.add("Elu", ["\(names.1)0"], [names.1], attributes: [Make.attribute("alpha", float: slope)])
        }
        return builder
    }

    private func ids(_ builder: ModelBuilder) throws -> [BlockID] { try builder.plan().steps.map(\.id) }

    @Test func `A call is what the function's nodes are`() throws {
        #expect(try ids(model([steep()])) == ids(written([2, 2])))
        #expect(try ids(model([steep()], [Make.attribute("slope", float: 3)])) == ids(written([2, 3])))
        #expect(try ids(model([steep()], [Make.attribute("slope", float: 3)])) != ids(written([2, 2])))
    }

    @Test func `A reference that nothing gives a value is left out`() throws {
        var function = steep()
        function.attributeProto = []
        function.attribute = ["slope"]
        #expect(try ids(model([function])) == ids(written([1, 1])))
    }

    @Test func `Functions that call functions are their nodes, too`() throws {
        var outer = Onnx_FunctionProto()
        (outer.name, outer.domain) = ("Steep", "com.example")
        (outer.input, outer.output) = (["w", "in"].reversed(), ["out"])
        var inner = steep()
        inner.name = "Inner"
        outer.node = [Make.node("Inner", ["in", "w"], ["out"], domain: "com.example")]
        #expect(try ids(model([outer, inner])) == ids(written([2, 2])))
    }

    @Test func `A function for another opset stays a function`() throws {
        let plan = try model([steep(opset: 13)]).plan()
        let block = try Onnx_ModelProto(serializedBytes: #require(plan.steps.first).makeBlock().data)
        #expect(block.functions.count == 1)
        #expect(FunctionInliner.inlined(model([steep(opset: 13)]).proto) == nil)
    }

    @Test func `A function with control flow, or that control flow calls, stays a function`() throws {
        var branching = steep()
        let graph = Make.graph(inputs: [], outputs: ["t"])
        branching.node[1] = Make.node("If", ["t"], ["out"], attributes: [Make.attribute("then_branch", graph)])
        #expect(FunctionInliner.inlined(model([branching]).proto) == nil)
        var builder = model([steep()])
        var inner = Make.graph(inputs: [], outputs: ["b"])
        inner.node = [Make.node("Steep", ["a", "w0"], ["b"], domain: "com.example")]
        builder.add("If", ["c"], ["z"], attributes: [Make.attribute("then_branch", inner)])
        #expect(FunctionInliner.inlined(builder.proto) == nil)
    }

    @Test func `A function that hands an input on stays a function`() {
        var function = steep()
        function.output = ["in"]
        #expect(FunctionInliner.inlined(model([function]).proto) == nil)
    }
}

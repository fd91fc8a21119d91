import FoundationEssentials
import ServingCore
import Testing

@testable import ModelCatalog

/// What says nothing in a node: the order of operands, how axes are counted, which name a setting has.
struct OperandOrderTests {
    private typealias Make = ModelBuilder

    private func ids(_ builder: ModelBuilder, _ shape: [Int] = [-1, 4]) throws -> [BlockID] {
        let standard = TensorSpecification(name: "", datatype: .float32, shape: shape)
        return try builder.plan(TypeTable(standard: standard)).steps.map(\.id)
    }

    /// A layer, then `operation` on `operands`: `a` is the layer's, `r` and `t` are calculated from it, `c` is constant.
    private func model(_ operation: String, _ operands: [String], stem: String = "Relu") -> ModelBuilder {
        var builder = ModelBuilder()
        builder.layer("x", "before", seed: 9)
        builder.add(stem, ["before"], ["stem"])
        builder.layer("stem", "a", seed: 1)
        builder.weights("c", [1, 2, 3, 4])
        builder.add("Relu", ["a"], ["r"])
        builder.add("Tanh", ["a"], ["t"])
        builder.add(operation, operands, ["y"])
        return builder
    }

    @Test(arguments: ["Add", "Mul"])
    func `Operands of what commutes may stand in any order`(_ operation: String) throws {
        #expect(try ids(model(operation, ["c", "r"])) == ids(model(operation, ["r", "c"])))
        #expect(try ids(model(operation, ["t", "r"])) == ids(model(operation, ["r", "t"])))
        #expect(try ids(model(operation, ["t", "r"])) != ids(model(operation, ["t", "a"])))
        #expect(try ids(model(operation, ["r", "r"])) != ids(model(operation, ["r", "t"])))
    }

    @Test(arguments: ["Sub", "Div", "Pow", "Max", "Min", "Mod", "PRelu"])
    func `Operands of what does not commute stay as they are`(_ operation: String) throws {
        #expect(try ids(model(operation, ["c", "r"])) != ids(model(operation, ["r", "c"])))
        #expect(try ids(model(operation, ["t", "r"])) != ids(model(operation, ["r", "t"])))
    }

    @Test func `The order does not depend on what stands before the segment`() throws {
        for operands in [["r", "t"], ["t", "r"], ["c", "a"]] {
            let (one, other) = (try ids(model("Add", operands)), try ids(model("Add", operands, stem: "Tanh")))
            #expect(one.last == other.last)
            #expect(one.first != other.first)
        }
    }

    @Test func `Behind a convolution the order stays`() throws {
        func added(_ operands: [String]) throws -> [BlockID] {
            var builder = ModelBuilder(shape: [-1, 1, 4, 4])
            builder.weights("w", [2])
            builder.proto.graph.initializer[0].dims = [1, 1, 1, 1]
            builder.weights("c", [1])
            builder.add("Conv", ["x", "w"], ["a"])
            builder.add("Add", operands, ["y"])
            return try ids(builder, [-1, 1, 4, 4])
        }
        #expect(try added(["a", "c"]) != added(["c", "a"]))
    }

    @Test func `An axis counted from the back is one counted from the start, where the rank is known`() throws {
        func joined(_ axis: Int64, _ shape: [Int] = [-1, 4]) throws -> [BlockID] {
            var builder = model("Concat", ["r", "t"])
            builder.proto.graph.node[builder.proto.graph.node.count - 1].attribute = [Make.attribute("axis", axis)]
            return try ids(builder, shape)
        }
        #expect(try joined(-1) == joined(1))
        #expect(try joined(-2) != joined(1))
        #expect(try joined(-1, [-1, 4, 4]) == joined(2, [-1, 4, 4]))
        #expect(try joined(-1, [-1, 4, 4]) != joined(1, [-1, 4, 4]))
    }

    @Test func `A list of axes is a set`() throws {
        func reduced(_ axes: [Int64], opset: Int64 = 18) throws -> [BlockID] {
            var builder = model("ReduceMax", ["r"])
            builder.proto.opsetImport[0].version = opset
            if opset < 18 {
                builder.proto.graph.node[builder.proto.graph.node.count - 1].attribute = [
                    Make.attribute("axes", list: axes)
                ]
            } else {
                builder.integers("axes", axes)
                builder.proto.graph.node[builder.proto.graph.node.count - 1].input = ["r", "axes"]
            }
            return try ids(builder, [-1, 4, 4])
        }
        let expected = try reduced([1, 2])
        #expect(try reduced([2, 1]) == expected)
        #expect(try reduced([-1, -2]) == expected)
        #expect(try reduced([-1, 1], opset: 13) == expected)
        #expect(try reduced([0, 2]) != expected)
        #expect(try reduced([1]) != expected)
    }

    @Test func `Settings of equal integers are one, whichever name nodes read them by`() throws {
        func sliced(_ names: [String], _ end: Int64 = 2) throws -> [BlockID] {
            var builder = model("Slice", ["r"] + names)
            for (name, value) in [("one", 1), ("other", 1), ("end", end)] { builder.integers(name, [Int64(value)]) }
            return try ids(builder)
        }
        #expect(try sliced(["one", "end", "one"]) == sliced(["one", "end", "other"]))
        #expect(try sliced(["one", "end", "one"], 3) != sliced(["one", "end", "other"], 2))
    }
}

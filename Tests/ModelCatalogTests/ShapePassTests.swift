import FoundationEssentials
import ServingCore
import SwiftProtobuf
import Testing

@testable import ModelCatalog

/// Shapes that are calculated in one file and constant in another, or fixed in one and open in another.
struct ShapePassTests {
    private typealias Make = ModelBuilder

    private func ids(_ builder: ModelBuilder) throws -> [BlockID] { try builder.plan(RowsOfInput()).steps.map(\.id) }

    /// Rows of four numbers, as `[rows, 2, 2]` turned around, and flat again; `say` writes the two targets.
    private func turned(_ rows: Int, _ say: (inout ModelBuilder) -> (String, String)) -> ModelBuilder {
        var builder = ModelBuilder(shape: [rows, 4])
        builder.square("w")
        builder.add("MatMul", ["x", "w"], ["a"])
        let (wide, flat) = say(&builder)
        builder.add("Reshape", ["a", wide], ["b"])
        builder.add("Transpose", ["b"], ["c"], attributes: [Make.attribute("perm", list: [0, 2, 1])])
        builder.add("Reshape", ["c", flat], ["d"])
        builder.add("Tanh", ["d"], ["y"])
        return builder
    }

    private func constant(_ wide: [Int64], _ flat: [Int64]) -> (inout ModelBuilder) -> (String, String) {
        { builder in
            builder.integers("wide", wide)
            builder.integers("flat", flat)
            return ("wide", "flat")
        }
    }

    /// Targets calculated as exporters do: from the number of rows and products of extents.
    private func calculated(_ builder: inout ModelBuilder) -> (String, String) {
        for (name, values) in [("zero", [0]), ("one", [1]), ("two", [2]), ("half", [2])] as [(String, [Int64])] {
            builder.integers(name, values)
        }
        builder.add("Shape", ["a"], ["shape"])
        builder.add("Gather", ["shape", "zero"], ["rows"])
        builder.add("Gather", ["shape", "one"], ["width"])
        builder.add("Div", ["width", "two"], ["part"])
        builder.add("Concat", ["rows", "half", "part"], ["wide"], attributes: [Make.attribute("axis", 0)])
        builder.add("Concat", ["rows", "width"], ["flat"], attributes: [Make.attribute("axis", 0)])
        return ("wide", "flat")
    }

    @Test func `A calculated target of which all but one extent are constant is constant`() throws {
        let written = try ids(turned(-1, constant([-1, 2, 2], [-1, 4])))
        #expect(try ids(turned(-1, calculated)) == written)
        #expect(try ids(turned(-1, constant([-1, 4, 1], [-1, 4]))) != written)
        #expect(try ids(turned(-1, constant([-1, 1, 4], [-1, 4]))) != written)
    }

    @Test func `A fixed number of rows in targets is any number of rows`() throws {
        let free = try ids(turned(-1, constant([-1, 2, 2], [-1, 4])))
        #expect(try ids(turned(1, constant([1, 2, 2], [1, 4]))) == free)
        #expect(try ids(turned(3, constant([3, 2, 2], [3, 4]))) == free)
        #expect(try ids(turned(1, calculated)) == free)
        #expect(try ids(turned(1, constant([1, 4, 1], [1, 4]))) != free)
    }

    @Test func `Of two reshapes in a row the last one counts, and one that changes nothing vanishes`() throws {
        func made(_ targets: [Int64]...) -> ModelBuilder {
            var builder = ModelBuilder()
            builder.square("w")
            builder.add("MatMul", ["x", "w"], ["v0"])
            for (place, target) in targets.enumerated() {
                builder.integers("t\(place)", target)
                builder.add("Reshape", ["v\(place)", "t\(place)"], ["v\(place + 1)"])
            }
            builder.add("Tanh", ["v\(targets.count)"], ["y"])
            return builder
        }
        let plain = try ids(made())
        #expect(try ids(made([-1, 4])) == plain)
        #expect(try ids(made([2, -1], [-1, 4])) == plain)
        #expect(try ids(made([-1, 2, 2], [-1, 4, 1])) == ids(made([-1, 4, 1])))
        #expect(try ids(made([-1, 2])) != plain)
        #expect(try ids(made([-1, 2], [-1, 4, 1])) == ids(made([-1, 4, 1])))
        #expect(try ids(made([-1, 2], [0, 2])) == ids(made([-1, 2])))
    }

    @Test func `A row that is put beside all rows is repeated, or is there as often as the file has rows`() throws {
        func beside(_ rows: Int, _ other: (inout ModelBuilder) -> String) throws -> [BlockID] {
            var builder = ModelBuilder(shape: [rows, 4])
            builder.square("w")
            builder.add("MatMul", ["x", "w"], ["a"])
            builder.weights("row", [5, 6])
            builder.proto.graph.initializer[1].dims = [1, 2]
            let name = other(&builder)
            builder.add("Concat", [name, "a"], ["y"], attributes: [Make.attribute("axis", 1)])
            return try ids(builder)
        }
        func repeated(_ column: Int64) -> (inout ModelBuilder) -> String {
            { builder in
                builder.integers("zero", [0])
                builder.integers("column", [column])
                builder.add("Shape", ["x"], ["shape"])
                builder.add("Gather", ["shape", "zero"], ["rows"])
                builder.add("Concat", ["rows", "column"], ["to"], attributes: [Make.attribute("axis", 0)])
                builder.add("Expand", ["row", "to"], ["many"])
                return "many"
            }
        }
        let free = try beside(-1, repeated(1))
        #expect(try beside(1) { _ in "row" } == free)
        #expect(try beside(1, repeated(1)) == free)
        #expect(try beside(-1, repeated(2)) == free)
        // Two rows are not beside one.
        #expect(try beside(2) { _ in "row" } != free)
    }

    // MARK: Where rows go

    private func target(_ shape: [Extent], _ target: [Int64], rows: Int?) throws -> [Int]? {
        var builder = ModelBuilder(inputs: ["x"], outputs: ["y"], shape: shape.map { $0.number ?? -1 })
        builder.integers("to", target)
        var flow = ShapeFlow(builder.proto.graph, rows: rows)
        flow.note(ShapeFact(shape), of: "x")
        return ReshapeTarget(of: Make.node("Reshape", ["x", "to"], ["y"]), in: flow)?.constants
    }

    @Test func `Rows are found in the target of a file that fixes their number`() throws {
        let known = Extent.known
        #expect(try target([known(17), .rows, known(32)], [17, 4, 8], rows: 1) == [17, -1, 8])
        #expect(try target([known(17), .rows, known(4), known(8)], [17, 32], rows: 1) == [-1, 32])
        #expect(try target([.rows(outer: 17, inner: 1), known(32)], [17, 1, 32], rows: 1) == [17, -1, 32])
        #expect(
            try target([.rows(outer: 1, inner: 4), known(17), known(8)], [1, 4, 17, 8], rows: 1) == [-1, 4, 17, 8]
        )
        #expect(try target([.rows, known(6)], [2, 6], rows: 2) == [-1, 6])
        #expect(try target([known(3), .rows, known(6)], [3, 4, 3], rows: 2) == [3, -1, 3])
    }

    @Test func `Targets that constants cannot say stay as they are`() throws {
        let known = Extent.known
        #expect(try target([.rows, .varying, known(6)], [0, 0, 2, 3], rows: nil) == nil)
        #expect(try target([.rows, known(6)], [0, 2, 3], rows: nil) == [-1, 2, 3])
        #expect(try target([.rows, known(6)], [0, -1, 3], rows: nil) == [-1, 2, 3])
        #expect(try target([.varying, .varying], [0, -1], rows: nil) == nil)
        #expect(try target([known(2), known(6)], [3, 4], rows: nil) == [3, 4])
    }

    @Test func `Extents out of range are not known`() {
        #expect(Extent.known(.max) * .known(2) == .unknown)
        #expect(Extent.rows * .rows == .unknown)
        #expect(Extent.broadcast(.known(2), .known(3)) == .unknown)
    }
}

/// Knows that all values have the rows of the model's input.
private struct RowsOfInput: TensorTypeInference {
    func outputSpecifications(ofModel bytes: [UInt8]) throws(ServingError) -> [TensorSpecification] {
        guard let model = try? Onnx_ModelProto(serializedBytes: bytes),
            let rows = model.graph.input.first?.specification?.shape.first
        else { throw ServingError(.engineFailed, "not a model") }
        return model.graph.output.map { TensorSpecification(name: $0.name, datatype: .float32, shape: [rows, 4]) }
    }
}

extension ModelBuilder {
    /// Adds a matrix of four rows and four columns.
    fileprivate mutating func square(_ name: String) {
        weights(name, (0..<16).map(Float.init))
        proto.graph.initializer[proto.graph.initializer.count - 1].dims = [4, 4]
    }
}

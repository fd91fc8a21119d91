import Testing

@testable import ModelCatalog

struct CalculatedPrecisionTests {
    private let half = Int64(Onnx_TensorProto.DataType.float16.rawValue)

    private func tolerance(_ change: (inout ModelBuilder) -> Void) throws -> Double {
        var builder = ModelBuilder.chain([1, 2])
        change(&builder)
        return try CalculatedPrecision.tolerance(of: builder.proto)
    }

    @Test func `A model in single precision is compared as exactly as that is`() throws {
        let found = try tolerance { _ in }
        #expect(found == ImportVerification.tolerance)
    }

    @Test func `Inputs and outputs in single precision do not hide what is calculated in half precision`() throws {
        let weights = try tolerance { builder in builder.proto.graph.initializer[0].dataType = Int32(half) }
        #expect(weights == 0x1p-9)
        let cast = try tolerance { builder in
            builder.add("Cast", ["x"], ["cast"], attributes: [ModelBuilder.attribute("to", half)])
        }
        #expect(cast == 0x1p-9)
        let brain = try tolerance { builder in builder.proto.graph.initializer[0].dataType = 16 }
        #expect(brain == 0x1p-6)
    }

    @Test func `Weights that are only stored in half precision loosen nothing`() throws {
        let found = try tolerance { builder in
            builder.weights("stored", [1])
            builder.proto.graph.initializer[2].dataType = Int32(half)
            builder.add("Cast", ["stored"], ["read"], attributes: [ModelBuilder.attribute("to", 1)])
        }
        #expect(found == ImportVerification.tolerance)
    }
}

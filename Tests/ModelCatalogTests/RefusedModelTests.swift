import FoundationEssentials
import ServingCore
import Testing

@testable import ModelCatalog

/// What no gateway should serve, and what is said of it.
struct RefusedModelTests {
    private func message(_ change: (inout ModelBuilder) -> Void) throws -> String? {
        var builder = ModelBuilder(shape: [-1, 16, 1])
        change(&builder)
        let error = #expect(throws: CatalogError.self) { try builder.plan() }
        #expect(error?.code == .unsupportedModel)
        return error?.message
    }

    private static func number(_ name: String, _ value: Int64) -> Onnx_TensorProto {
        var tensor = Onnx_TensorProto()
        (tensor.name, tensor.int64Data) = (name, [value])
        tensor.dataType = Int32(Onnx_TensorProto.DataType.int64.rawValue)
        return tensor
    }

    @Test func `An STFT whose frame length a request brings is refused`() throws {
        let given = try message { builder in
            builder.proto.graph.initializer = [Self.number("step", 4)]
            builder.proto.graph.input.append(ModelBuilder.value("length", shape: []))
            builder.add("STFT", ["x", "step", "", "length"], ["y"])
        }
        #expect(given?.contains("takes its frame length from the request, where it may be 0") == true)
        let window = try message { builder in
            builder.proto.graph.initializer = [Self.number("step", 4)]
            builder.proto.graph.input.append(ModelBuilder.value("w", shape: [-1]))
            builder.add("STFT", ["x", "step", "w"], ["y"])
        }
        #expect(window?.contains("takes its window from the request, where it may be empty") == true)
        let zero = try message { builder in
            builder.proto.graph.initializer = [Self.number("step", 4), Self.number("length", 0)]
            builder.add("STFT", ["x", "step", "", "length"], ["y"])
        }
        #expect(zero?.contains("has a frame length of 0") == true)
    }

    @Test func `An STFT of a constant frame length is not`() throws {
        var builder = ModelBuilder(shape: [-1, 16, 1])
        builder.proto.graph.initializer = [Self.number("step", 4), Self.number("length", 8)]
        builder.add("STFT", ["x", "step", "", "length"], ["y"])
        #expect(try builder.plan().steps.count == 1)
        builder.proto.graph.input.append(ModelBuilder.value("w", shape: [8]))
        builder.proto.graph.node[0].input = ["x", "step", "w"]
        #expect(try builder.plan().steps.count == 1)
    }

    @Test func `Outputs that are no tensors, or of a type without a name, are named`() throws {
        let maps = try message { builder in
            builder.add("Relu", ["x"], ["y"])
            var map = Onnx_TypeProto.Map()
            map.keyType = 7
            var type = Onnx_TypeProto()
            type.mapType = map
            builder.proto.graph.output[0].type.sequenceType.elemType = type
        }
        #expect(maps?.contains("output 'y' is a sequence of maps") == true)
        #expect(maps?.contains("options={'zipmap': False}") == true)
        let eight = try message { builder in
            builder.add("Relu", ["x"], ["y"])
            builder.proto.graph.output[0].type.tensorType.elemType = 17
        }
        #expect(eight?.contains("output 'y' is a tensor of FLOAT8E4M3FN") == true)
        #expect(TensorDatatype.onnxName(ofElementType: 99) == "ONNX's element type 99")
    }

    @Test func `Where the engine's words do not help, ours do`() {
        #expect(EngineHint.hint(for: "Failed to construct locale with name:en_US.UTF-8")?.contains("localedef") == true)
        #expect(EngineHint.hint(for: "'y' is not a tensor", makesMaps: true)?.contains("zipmap") == true)
        #expect(EngineHint.hint(for: "'y' is not a tensor") == nil)
    }

    @Test func `A symbolic link is called one`() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: CatalogError.self) {
            try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/link", withDestinationPath: "target")
            _ = try MappedFile("link", in: folder.path)
        }
        #expect(error?.message == "'link': must be a regular file, not a symbolic link")
    }
}

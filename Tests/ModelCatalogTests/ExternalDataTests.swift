import FoundationEssentials
import Glibc
import ServingCore
import SwiftProtobuf
import Testing

@testable import ModelCatalog

struct ExternalDataTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// A chain whose weights lie at `location`, one after the other, from `offset` on.
    private func external(
        _ location: String = "weights.bin",
        offset: Int = 0,
        _ change: (inout Onnx_TensorProto) -> Void = { _ in }
    ) -> ModelBuilder {
        var builder = ModelBuilder.chain([1, 2, 3])
        for index in builder.proto.graph.initializer.indices {
            var tensor = builder.proto.graph.initializer[index]
            let place = [("location", location), ("offset", "\(offset + 16 * index)"), ("length", "16")]
            tensor.clearRawData()
            tensor.dataLocation = .external
            tensor.externalData = place.map { key, value in
                var entry = Onnx_StringStringEntryProto()
                (entry.key, entry.value) = (key, value)
                return entry
            }
            change(&tensor)
            builder.proto.graph.initializer[index] = tensor
        }
        return builder
    }

    private var weights: Data {
        ModelBuilder.chain([1, 2, 3]).proto.graph.initializer.reduce(into: Data()) { $0 += $1.rawData }
    }

    private func blocks(_ builder: ModelBuilder) throws -> [BlockID] {
        let model = try ONNXModel(readingFrom: folder.write(builder), byteLimit: 1 << 20)
        return try ImportPlan(model, inference: TypeTable()).steps.map(\.id)
    }

    private func problem(_ builder: ModelBuilder) throws -> CatalogError? {
        #expect(throws: CatalogError.self) { try blocks(builder) }
    }

    private func write(_ data: Data, _ name: String = "weights.bin") throws {
        try data.write(to: URL(filePath: "\(folder.path)/\(name)"))
    }

    @Test func `Weights in another file make the same blocks as weights in the model`() throws {
        try write(weights)
        #expect(try blocks(external()) == ModelBuilder.chain([1, 2, 3]).plan().steps.map(\.id))
        try FileManager.default.createDirectory(atPath: "\(folder.path)/deep", withIntermediateDirectories: true)
        try write(weights, "deep/w.bin")
        #expect(try blocks(external("deep/w.bin")) == ModelBuilder.chain([1, 2, 3]).plan().steps.map(\.id))
    }

    @Test func `A length that is left out is what the shape says`() throws {
        try write(weights)
        #expect(
            try blocks(external { $0.externalData.removeLast() })
                == ModelBuilder.chain([1, 2, 3]).plan().steps.map(\.id)
        )
    }

    @Test func `Files over 4 GB are mapped, not read`() throws {
        let offset = 5 << 30
        let path = "\(folder.path)/weights.bin"
        let file = open(path, O_RDWR | O_CREAT, 0o600)
        defer { close(file) }
        #expect(weights.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, offset) } == weights.count)
        #expect(try blocks(external(offset: offset)) == ModelBuilder.chain([1, 2, 3]).plan().steps.map(\.id))
    }

    @Test(arguments: ["", "/etc/passwd", "..", "../weights.bin", "a/../weights.bin", "./weights.bin", "a//b", "w\0x"])
    func `A path that could leave the folder is refused`(location: String) throws {
        try write(weights)
        #expect(try problem(external(location))?.code == .invalidModel)
    }

    @Test func `Symbolic links, hard links, folders, FIFOs and missing files are refused`() throws {
        let manager = FileManager.default
        try write(weights, "real.bin")
        try manager.createSymbolicLink(atPath: "\(folder.path)/soft.bin", withDestinationPath: "real.bin")
        try manager.createDirectory(atPath: "\(folder.path)/inner", withIntermediateDirectories: true)
        try write(weights, "inner/w.bin")
        try manager.createSymbolicLink(atPath: "\(folder.path)/way", withDestinationPath: "inner")
        #expect(mkfifo("\(folder.path)/fifo", 0o600) == 0)
        for location in ["soft.bin", "way/w.bin", "inner", "fifo", "missing.bin"] {
            #expect(try problem(external(location))?.code == .unreadableFile, "\(location)")
        }
        #expect(try blocks(external("real.bin")).count == 3)
        #expect(link("\(folder.path)/real.bin", "\(folder.path)/second.bin") == 0)
        for location in ["real.bin", "second.bin"] {
            #expect(
                try problem(external(location))?.message
                    == "tensor 'layer0_weights': '\(location)' has 2 names: hard links are not followed"
            )
        }
    }

    @Test func `Places the file does not have are refused`() throws {
        try write(weights)
        for (key, value) in [
            ("offset", "33"), ("offset", "-1"), ("offset", "9223372036854775807"), ("offset", "x"), ("length", "15"),
            ("length", "-16"), ("length", "99999999999999999999"),
        ] {
            let builder = external { tensor in
                for index in tensor.externalData.indices where tensor.externalData[index].key == key {
                    tensor.externalData[index].value = value
                }
            }
            #expect(try problem(builder)?.code == .invalidModel, "\(key) \(value)")
        }
    }

    @Test func `Weights are found wherever they are declared`() throws {
        try write(weights)
        let tensor = external().proto.graph.initializer[0]
        var branch = ModelBuilder.graph(inputs: [], outputs: ["t"])
        branch.initializer = [tensor]
        branch.node = [ModelBuilder.node("Identity", ["layer0_weights"], ["t"])]
        var nested = ModelBuilder()
        nested.add("Constant", [], ["c"], attributes: [ModelBuilder.attribute("value", tensor)])
        nested.add("Add", ["x", "c"], ["a"])
        nested.add("If", ["a"], ["y"], attributes: [ModelBuilder.attribute("then_branch", branch)])
        let model = try ONNXModel(readingFrom: folder.write(nested), byteLimit: 1 << 20)
        #expect(model.hasExternalData)
        #expect(try model.byteCount == nested.data().count + 32)
        let plan = try ImportPlan(model, inference: TypeTable())
        for step in plan.steps {
            let block = try Onnx_ModelProto(serializedBytes: step.makeBlock().data)
            try block.graph.forEachTensor { tensor throws(CatalogError) in #expect(!tensor.isExternal) }
        }
    }

    @Test func `A model without a folder has no weights elsewhere`() throws {
        let error = #expect(throws: CatalogError.self) { try ONNXModel(external().data(), named: "bytes") }
        #expect(error?.code == .unsupportedModel)
    }
}

import FoundationEssentials
import Glibc
import SwiftProtobuf
import Testing

@testable import ModelCatalog

struct ONNXModelTests {
    private func code(of path: String, limit: Int = 1 << 20) -> CatalogError.Code? {
        do {
            _ = try ONNXModel(readingFrom: path, byteLimit: limit)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `A model file is read, also through a link the operator names`() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(.chain([1, 2]))
        let link = "\(folder.path)/link.onnx"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        #expect(try ONNXModel(readingFrom: link, byteLimit: 1 << 20).proto.graph.node.count == 3)
    }

    @Test func `What is missing, no regular file or too large is refused without waiting`() throws {
        let folder = try TemporaryFolder()
        let fifo = "\(folder.path)/fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        #expect(code(of: "\(folder.path)/missing") == .unreadableFile)
        #expect(code(of: folder.path) == .unreadableFile)
        #expect(code(of: fifo) == .unreadableFile)
        let file = try folder.write(.chain([1, 2]))
        #expect(code(of: file) == nil)
        #expect(code(of: file, limit: 10) == .unreadableFile)
    }

    @Test func `What is not ONNX is refused`() throws {
        for bytes in [[], [0], [255, 255, 255], Array("%PDF-1.7 not a model".utf8)] as [[UInt8]] {
            let error = #expect(throws: CatalogError.self) { try ONNXModel(Data(bytes), named: "file") }
            #expect(error?.code == .invalidModel)
        }
    }

    @Test func `A file cut short anywhere is refused`() throws {
        let data = try ModelBuilder.chain([1, 2, 3]).data()
        for count in 0..<data.count {
            // A cut between two fields leaves valid protobuf, but then what it describes is not whole.
            #expect(throws: CatalogError.self, "\(count) bytes") {
                try ImportPlan(ONNXModel(data.prefix(count), named: "file"), inference: TypeTable())
            }
        }
    }
}

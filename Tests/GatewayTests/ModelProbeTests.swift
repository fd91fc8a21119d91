import Foundation
import Gateway
import ModelCatalog
import ServingCore
import TestSupport
import Testing

/// Imports of models that end the process that tries them, by the executable itself.
@Suite(.serialized) struct ModelProbeTests {
    private static let files = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Models")
    private let folder = FileManager.default.temporaryDirectory.appending(path: "probe-\(UUID().uuidString)").path

    private func add(
        _ name: String,
        runs: Bool = true,
        seconds: Double = 60,
        bytes: Int = 4 << 30
    ) throws -> ImportReport {
        let probe = try ModelProbe(
            configuration: GatewayConfiguration(),
            runs: runs,
            limits: ProbeLimits(time: .seconds(seconds), memory: ByteCount(bytes)),
            executable: LiveGatewayPaths.gateway.path
        )
        let file = Self.files.appending(path: "\(name).onnx").path
        return try BlockStore(directory: folder).importModel(from: file, name: name, types: probe, trials: probe)
    }

    private func refusal(_ name: String, seconds: Double = 60, bytes: Int = 4 << 30) throws -> String {
        let error = #expect(throws: CatalogError.self) { try add(name, seconds: seconds, bytes: bytes) }
        #expect(error?.isInputFault == true)
        let store = try BlockStore(directory: folder)
        #expect(try store.models().isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/blocks").isEmpty)
        return error?.message ?? ""
    }

    @Test func `A sound model is tried as it is in this process`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let report = try add("if")
        #expect(report.blocks.count == 3)
        guard case .passed? = report.verification else {
            Issue.record("\(report.description)")
            return
        }
        #expect(try add("external", runs: false).verification == .skipped)
    }

    @Test func `A model that ends the process by a signal is refused, and nothing of it stays`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(
            try refusal("frame-length-hidden")
                == "the model ends the process that runs it: signal 8 (floating-point exception)"
        )
    }

    @Test func `A model that takes too long is refused`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try refusal("endless", seconds: 3) == "the model takes longer than 3 s to be tried (--time-limit)")
    }

    @Test func `A model that takes too much memory is refused`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let limit = 600 << 20
        #expect(
            try refusal("huge", bytes: limit)
                == "the model takes more than \(limit) bytes of memory to be tried (--memory-limit)"
        )
    }

    @Test func `Where there is no executable, that is said`() {
        #expect(throws: ServingError.self) {
            try ModelProbe(configuration: GatewayConfiguration(), runs: true, executable: "/nowhere/gateway")
        }
    }
}

import Foundation
import TestSupport

/// The ResNet timing zoo, written, imported and calibrated once, and kept for the next run.
struct ZooStore {
    let folder: URL
    let depths: [String]
    let variants: Int
    let imageSize: Int
    /// What all whole models have in bytes of parameters.
    private(set) var wholeBytes = 0

    init(_ folder: String, depths: String, variants: Int, imageSize: Int) {
        self.depths = depths.split(separator: ",").map(String.init)
        self.variants = variants
        self.imageSize = imageSize
        let name = "resnet\(self.depths.joined(separator: "-"))x\(variants)-\(imageSize)"
        self.folder = URL(filePath: folder).appending(path: name)
    }

    /// The block store.
    var store: URL { folder.appending(path: "store") }
    /// The models, all depths' first variants before the second ones, so that Zipf's law spreads over the depths.
    var models: [String] { (0..<variants).flatMap { variant in depths.map { "resnet\($0)-\(variant)" } } }
    /// A further variant of each depth, for new versions that are imported while traffic runs.
    var newVersions: [(model: String, file: URL)] {
        depths.map { ("resnet\($0)-0", folder.appending(path: "zoo/resnet\($0)-\(variants).onnx")) }
    }

    /// Makes what is missing, and measures what was not measured with so many threads.
    ///
    /// - Throws: ``BenchmarkFailure`` where a command fails.
    mutating func prepare(engineThreads: Int) async throws {
        let marker = folder.appending(path: "bytes")
        if let text = try? String(contentsOf: marker, encoding: .utf8), let bytes = Int(text) {
            wholeBytes = bytes
        } else {
            try? FileManager.default.removeItem(at: folder)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            print("writing, importing and calibrating \(models.count) models in \(folder.path) (once)")
            for depth in depths { wholeBytes += try await fill(depth) }
            try "\(wholeBytes)".write(to: marker, atomically: true, encoding: .utf8)
        }
        let file = folder.appending(path: "gateway.yaml")
        try "engine:\n  threads: \(engineThreads)\n".write(to: file, atomically: true, encoding: .utf8)
        _ = try await Self.gateway(["calibrate", "--missing", "--config", file.path, "--store", store.path])
    }

    /// Writes and imports the variants of one depth; gives the bytes of the whole models.
    private func fill(_ depth: String) async throws -> Int {
        let zoo = folder.appending(path: "zoo")
        let lines = try await Self.gateway([
            "zoo", zoo.path, "--family", "resnet", "--depths", depth, "--variants", "\(variants + 1)", "--shared",
            "0.8",
            "--share", "prefix", "--image-size", "\(imageSize)", "--seed", "1",
        ]).split(separator: "\n")
        var bytes = 0
        for variant in 0..<variants {
            let name = "resnet\(depth)-\(variant)"
            let file = zoo.appending(path: "\(name).onnx")
            _ = try await Self.gateway(["import", file.path, "--name", name, "--no-verify", "--store", store.path])
            try FileManager.default.removeItem(at: file)
            guard let line = lines.first(where: { $0.contains("/\(name).onnx ") }),
                let count = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
            else { throw BenchmarkFailure("gateway zoo does not say how large \(name) is") }
            bytes += count
        }
        return bytes
    }

    /// Runs `gateway` to its end and gives its output.
    ///
    /// - Throws: ``BenchmarkFailure`` where it fails.
    static func gateway(_ arguments: [String]) async throws -> String {
        let result = try await LiveGatewayProcess.run(LiveGatewayPaths.gateway, arguments, limit: .seconds(1800))
        guard result.status == 0 else {
            throw BenchmarkFailure("gateway \(arguments.joined(separator: " ")): \(result.errorOutput)")
        }
        return result.output
    }
}

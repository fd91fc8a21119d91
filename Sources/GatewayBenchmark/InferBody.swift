import Foundation

/// The infer request that is posted: JSON of exactly 1 KB.
enum InferBody {
    /// Its size in bytes.
    static let size = 1024
    /// Elements in one row of the model that does nothing.
    private static let width = 106

    /// Writes it to a file in a folder.
    static func write(to folder: URL) throws -> URL {
        let values = (0..<width).map { String(format: "%.6f", Double(($0 * 7919) % 1_000_003 + 1) / 1_000_003) }
        let data = values.joined(separator: ",")
        let text = #"{"inputs":[{"name":"x","shape":[1,\#(width)],"datatype":"FP32","data":[\#(data)]}]}"#
        guard text.utf8.count <= size else { throw BenchmarkFailure("the body has \(text.utf8.count) bytes") }
        let file = folder.appending(path: "body.json")
        try (text + String(repeating: " ", count: size - text.utf8.count))
            .write(to: file, atomically: true, encoding: .utf8)
        return file
    }
}

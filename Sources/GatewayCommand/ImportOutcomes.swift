import Foundation
import ModelCatalog
import ServingCore

/// What became of several models that are imported one after the other.
struct ImportOutcomes: CustomStringConvertible {
    private var importedCount = 0
    private var newBytes = 0
    private var savedBytes = 0
    /// How many could not be imported.
    private(set) var failedCount = 0

    /// Takes in an import; gives its line.
    mutating func imported(_ report: ImportReport) -> String {
        importedCount += 1
        newBytes += report.bytesNew.rawValue
        savedBytes += report.bytesSaved.rawValue
        let whole = report.fallback.map { ", as one block: \($0)" } ?? ""
        return "\(report.model): \(report.blocks.count) blocks, \(report.bytesNew.rawValue) bytes new, "
            + "\(report.bytesSaved.rawValue) bytes saved\(whole)"
    }

    /// Takes in a failure; gives its line.
    mutating func failed(_ source: ImportSource, _ error: CatalogError) -> String {
        failedCount += 1
        return "\(source.name): not imported from \(source.file): \(error.message)"
    }

    /// A failure as one line of JSON with sorted keys: `{"error", "file", "name"}`.
    static func json(_ source: ImportSource, _ error: CatalogError) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = ["error": error.message, "file": source.file, "name": source.name]
        return String(decoding: try encoder.encode(line), as: UTF8.self)
    }

    /// The sums, in one line.
    var description: String {
        let count = importedCount == 1 ? "1 model imported" : "\(importedCount) models imported"
        return "\(count), \(failedCount) failed, \(newBytes) bytes new, \(savedBytes) bytes saved"
    }
}

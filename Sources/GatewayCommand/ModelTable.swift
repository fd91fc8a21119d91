import Foundation
import ModelCatalog
import ServingCore

/// The listing of `gateway models`, for people and for programs.
struct ModelTable {
    /// One model.
    struct Row: Encodable {
        let name: String
        let version: Int
        let blocks: Int
        let bytes: Int
        let sharedBytes: Int
        let fallback: String?
        let oneByOne: String?

        private enum CodingKeys: String, CodingKey {
            case name, version, blocks, bytes, fallback
            case oneByOne = "one_by_one"
            case sharedBytes = "shared_bytes"
        }
    }

    private let rows: [Row]

    init(_ listing: CatalogListing) {
        let use = listing.blockUse
        rows = listing.entries.map { entry in
            let blocks = entry.model.blocks
            let shared = blocks.filter { (use[$0.id]?.count ?? 0) > 1 }
            return Row(
                name: entry.model.id.name,
                version: entry.model.id.version,
                blocks: blocks.count,
                bytes: blocks.reduce(ByteCount.zero) { $0 + $1.size }.rawValue,
                sharedBytes: shared.reduce(ByteCount.zero) { $0 + $1.size }.rawValue,
                fallback: entry.fallback,
                oneByOne: entry.mixedRows
            )
        }
    }

    /// One line for each model: name, version, blocks, bytes of parameters, how many of them others share.
    var text: String {
        let width = max(5, rows.map(\.name.count).max() ?? 0)
        let head = Self.line(width, "MODEL", "VERSION", "BLOCKS", "BYTES", "SHARED")
        return
            ([head]
            + rows.map { row in
                Self.line(width, row.name, "\(row.version)", "\(row.blocks)", "\(row.bytes)", "\(row.sharedBytes)")
            }).joined(separator: "\n")
    }

    /// The rows as an array of JSON objects.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(rows), as: UTF8.self)
    }

    private static func line(_ width: Int, _ name: String, _ columns: String...) -> String {
        name.padding(toLength: width, withPad: " ", startingAt: 0)
            + columns.map { String(repeating: " ", count: max(2, 12 - $0.count)) + $0 }.joined()
    }
}

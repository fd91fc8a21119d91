import Foundation
import ModelCatalog
import ServingCore

/// The listing of `gateway blocks`, for people and for programs.
struct BlockTable {
    /// One block.
    struct Row: Encodable {
        let hash: String
        let bytes: Int
        let loadMilliseconds: Double?
        let models: [String]

        private enum CodingKeys: String, CodingKey {
            case hash, bytes, models
            case loadMilliseconds = "load_ms"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(hash, forKey: .hash)
            try container.encode(bytes, forKey: .bytes)
            // Not encodeIfPresent: readers expect the key.
            try container.encode(loadMilliseconds, forKey: .loadMilliseconds)
            try container.encode(models, forKey: .models)
        }
    }

    private let rows: [Row]

    /// Lists the blocks of a store in the order its models use them; `loadMilliseconds` says what was measured.
    init(_ listing: CatalogListing, loadMilliseconds: (BlockID) -> Double? = { _ in nil }) {
        let use = listing.blockUse
        var seen = Set<BlockID>()
        rows = listing.entries.flatMap { entry in
            entry.model.blocks.filter { seen.insert($0.id).inserted }.map { block in
                Row(
                    hash: block.id.hash,
                    bytes: entry.fileSize(of: block.id).rawValue,
                    loadMilliseconds: loadMilliseconds(block.id),
                    models: (use[block.id] ?? []).map(\.description)
                )
            }
        }
    }

    /// One line for each block: the start of its hash, bytes of its file, milliseconds to load it, models.
    var text: String {
        let lines = rows.map { row in
            let milliseconds = row.loadMilliseconds.map { String(format: "%.1f", $0) } ?? "-"
            return Self.line(String(row.hash.prefix(12)), "\(row.bytes)", milliseconds)
                + row.models.joined(separator: ", ")
        }
        return ([Self.line("BLOCK", "BYTES", "LOAD MS") + "MODELS"] + lines).joined(separator: "\n")
    }

    /// The rows as an array of JSON objects.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(rows), as: UTF8.self)
    }

    private static func line(_ block: String, _ bytes: String, _ milliseconds: String) -> String {
        block.padding(toLength: 12, withPad: " ", startingAt: 0)
            + String(repeating: " ", count: max(2, 13 - bytes.count)) + bytes
            + String(repeating: " ", count: max(2, 10 - milliseconds.count)) + milliseconds + "  "
    }
}

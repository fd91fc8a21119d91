import FoundationEssentials
import ServingCore

extension ImportReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case name
        case version
        case blocks
        case bytesNew = "bytes_new"
        case bytesSaved = "bytes_saved"
        case fallback
        case verification
        case oneByOne = "one_by_one"
        case sharing
    }

    /// Writes `{"name", "version", "blocks", "bytes_new", "bytes_saved", "fallback", "verification", "one_by_one", "sharing"}`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model.name, forKey: .name)
        try container.encode(model.version, forKey: .version)
        try container.encode(blocks, forKey: .blocks)
        try container.encode(bytesNew.rawValue, forKey: .bytesNew)
        try container.encode(bytesSaved.rawValue, forKey: .bytesSaved)
        // Not encodeIfPresent: readers expect the key.
        try container.encode(fallback, forKey: .fallback)
        try container.encode(verification?.description, forKey: .verification)
        try container.encode(mixedRows, forKey: .oneByOne)
        try container.encode(sharing, forKey: .sharing)
    }

    /// The report as one line of JSON with sorted keys.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension ImportReport.Block: Encodable {
    private enum CodingKeys: String, CodingKey {
        case hash
        case bytes
        case isRepaired = "repaired"
        case sharedWith = "shared_with"
    }

    /// Writes `{"hash", "bytes", "repaired", "shared_with"}`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id.hash, forKey: .hash)
        try container.encode(fileSize.rawValue, forKey: .bytes)
        try container.encode(isRepaired, forKey: .isRepaired)
        try container.encode(sharedWith.map(\.description), forKey: .sharedWith)
    }
}

extension ImportReport: CustomStringConvertible {
    /// A table for people: one line for each block, and the sums.
    public var description: String {
        let width = max(5, blocks.map { "\($0.fileSize.rawValue)".count }.max() ?? 0)
        let isRepaired = blocks.contains(where: \.isRepaired)
        let present = "\(model) is in the store already" + (isRepaired ? ", and was damaged: it is repaired" : "")
        var lines = [isAlreadyPresent ? present : "\(model) imported"]
        lines.append("  BLOCK         \(Self.padded("BYTES", to: width))")
        for block in blocks {
            let size = Self.padded("\(block.fileSize.rawValue)", to: width)
            lines.append("  \(block.id.hash.prefix(12))  \(size)  \(block.origin)")
        }
        lines.append("\(bytesNew.rawValue) bytes new, \(bytesSaved.rawValue) bytes saved")
        if let fallback { lines.append("kept as one block: \(fallback)") }
        if let verification { lines.append(verification.description) }
        if let mixedRows { lines.append("requests are run one by one: \(mixedRows)") }
        if let sharing { lines.append(sharing) }
        return lines.joined(separator: "\n")
    }

    private static func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

extension ImportVerification: CustomStringConvertible {
    /// The outcome, in a line.
    public var description: String {
        switch self {
        case .passed(let runs, let difference):
            "verified: \(runs) runs gave what the whole model gives, at most \(Float(difference)) apart"
        case .differed(let how): "verified as one block: \(how)"
        case .impossible(let reason): "not verified: \(reason)"
        case .skipped: "not verified: skipped"
        }
    }
}

extension ImportReport.Block {
    fileprivate var origin: String {
        if isNew { return "new" }
        let users = sharedWith.isEmpty ? "" : "shared with " + sharedWith.map(\.description).joined(separator: ", ")
        if isRepaired { return users.isEmpty ? "repaired" : "repaired, \(users)" }
        return users.isEmpty ? "present" : users
    }
}

import ModelCatalog

/// Where the weights of a compiled copy lie, as it is stored: for each a line of its numbers, then its name.
enum WeightIndex {
    /// The index as it is stored: UTF-8, a line `<element type> <offset> <bytes> <dimensions by x> <name>` for each.
    static func encode(_ weights: [PlacedModel.Weight]) -> [UInt8] {
        var text = ""
        for weight in weights {
            let dimensions = weight.dimensions.map(String.init).joined(separator: "x")
            text += "\(weight.elementType) \(weight.offset) \(weight.byteCount) \(dimensions) "
            // A name may hold anything but what ends it.
            text += "\(weight.name.replacing("\u{0}", with: ""))\u{0}"
        }
        return Array(text.utf8)
    }

    /// Reads an index; nil where it is none, or a weight lies outside the first `limit` bytes.
    static func decode(_ bytes: UnsafeRawBufferPointer, limit: Int) -> [PlacedModel.Weight]? {
        var weights: [PlacedModel.Weight] = []
        for line in bytes.split(separator: 0) {
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 4, omittingEmptySubsequences: false)
            guard fields.count == 5 else { return nil }
            let texts = fields.map { String(decoding: $0, as: UTF8.self) }
            let dimensions = texts[3].split(separator: "x").map { Int64($0) }
            guard let type = Int(texts[0]), let offset = Int(texts[1]), let count = Int(texts[2]), offset >= 0,
                count >= 0, offset <= limit, count <= limit - offset, !dimensions.contains(nil)
            else { return nil }
            weights.append(
                PlacedModel.Weight(
                    name: texts[4],
                    elementType: type,
                    dimensions: dimensions.compactMap { $0 },
                    offset: offset,
                    byteCount: count
                )
            )
        }
        return weights
    }
}

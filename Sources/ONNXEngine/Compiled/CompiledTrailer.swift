import CONNXRuntime
import ServingCore

/// The last bytes of a compiled copy: what comes before them, and for which block.
///
/// Nine little-endian 64-bit words: magic, owner, the lengths of the four parts, their hash, 1 where the runtime must repack,
/// hash of the words before.
/// Hashes are XXH3.
struct CompiledTrailer: Equatable {
    /// The lengths of what comes before the trailer, in bytes and in this order.
    struct Parts: Equatable {
        /// Weights that are used where they lie.
        var placed: Int
        /// Weights that the runtime repacks, and then does not use, unless it is told not to.
        var packed: Int
        /// The graph as an ONNX file.
        var graph: Int
        /// Where each of the weights lies.
        var index: Int

        /// All together; nil where that is no number.
        var total: Int? {
            var sum = 0
            for part in [placed, packed, graph, index] {
                let (next, overflow) = sum.addingReportingOverflow(part)
                guard part >= 0, !overflow else { return nil }
                sum = next
            }
            return sum
        }
    }

    /// The trailer's length in bytes.
    static let byteCount = 72
    private static let magic: UInt64 = 0x3330_4b4c_4243_5750

    /// Hash of the block's id and the compilation key: a copy under another name is no copy.
    var owner: UInt64
    /// What comes before.
    var parts: Parts
    /// Its hash.
    var hash: UInt64
    /// Whether the runtime must repack weights: it has operators that calculate otherwise without it.
    var mustPack: Bool

    /// Describes a copy.
    init(owner: UInt64, parts: Parts, hash: UInt64, mustPack: Bool) {
        self.owner = owner
        self.parts = parts
        self.hash = hash
        self.mustPack = mustPack
    }

    /// Reads a trailer; nil where the bytes are not one, or not as they were written.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        let words = bytes.withUnsafeBytes { bytes in
            (0..<9).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
        }
        let lengths = words[2..<6].compactMap { Int(exactly: $0) }
        guard words[0] == Self.magic, words[8] == Self.hash(of: words[..<8]), lengths.count == 4
        else { return nil }
        self.init(
            owner: words[1],
            parts: Parts(placed: lengths[0], packed: lengths[1], graph: lengths[2], index: lengths[3]),
            hash: words[6],
            mustPack: words[7] != 0
        )
    }

    /// The trailer as it is stored.
    var bytes: [UInt8] {
        var words = [
            Self.magic, owner, UInt64(parts.placed), UInt64(parts.packed), UInt64(parts.graph), UInt64(parts.index),
            hash, mustPack ? 1 : 0,
        ]
        words.append(Self.hash(of: words[...]))
        return words.flatMap { word in withUnsafeBytes(of: word.littleEndian, Array.init) }
    }

    /// Whose copy it is.
    static func owner(_ id: BlockID, key: String) -> UInt64 {
        Array("\(id.hash)\n\(key)".utf8).withUnsafeBytes { CONNXRuntime_hash($0.baseAddress, $0.count) }
    }

    private static func hash(of words: ArraySlice<UInt64>) -> UInt64 {
        words.map(\.littleEndian).withUnsafeBytes { CONNXRuntime_hash($0.baseAddress, $0.count) }
    }
}

import CONNXRuntime
import ModelServing
import ServingCore

/// The last bytes of a compiled copy: what comes before them, for which block, and how it is best loaded.
///
/// Nine little-endian 64-bit words: magic, owner, payload's length, payload's hash, mode, resident bytes, load
/// nanoseconds, reserved, hash of the words before. Hashes are XXH3.
struct CompiledTrailer: Equatable {
    /// Who uses the weights.
    enum Mode: UInt64 {
        /// ONNX Runtime uses them where the file was read to.
        case inPlace = 0
        /// ONNX Runtime makes its own copy, so that it can drop what it repacks.
        case copied = 1
    }

    /// The trailer's length in bytes.
    static let byteCount = 72
    private static let magic: UInt64 = 0x3130_4b4c_4243_5750

    /// Hash of the block's id and the compilation key: a copy under another name is no copy.
    var owner: UInt64
    /// How many bytes come before the trailer.
    var payloadCount: Int
    /// Their hash.
    var payloadHash: UInt64
    /// How to load them.
    var mode: Mode
    /// What loading took when the copy was made.
    var measurement: BlockMeasurement

    /// Describes a payload.
    init(owner: UInt64, payloadCount: Int, payloadHash: UInt64, mode: Mode, measurement: BlockMeasurement) {
        self.owner = owner
        self.payloadCount = payloadCount
        self.payloadHash = payloadHash
        self.mode = mode
        self.measurement = measurement
    }

    /// Reads a trailer; nil where the bytes are not one, or not as they were written.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        let words = bytes.withUnsafeBytes { bytes in
            (0..<9).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
        }
        guard words[0] == Self.magic, words[8] == Self.hash(of: words[..<8]), let count = Int(exactly: words[2]),
            let mode = Mode(rawValue: words[4]), let size = Int(exactly: words[5]),
            let nanoseconds = Int64(exactly: words[6])
        else { return nil }
        let measurement = BlockMeasurement(load: .nanoseconds(nanoseconds), residentSize: ByteCount(size))
        self.init(
            owner: words[1],
            payloadCount: count,
            payloadHash: words[3],
            mode: mode,
            measurement: measurement
        )
    }

    /// The trailer as it is stored.
    var bytes: [UInt8] {
        var words = [
            Self.magic, owner, UInt64(payloadCount), payloadHash, mode.rawValue,
            UInt64(max(measurement.residentSize.rawValue, 0)), UInt64(max(measurement.load.clampedNanoseconds, 0)), 0,
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

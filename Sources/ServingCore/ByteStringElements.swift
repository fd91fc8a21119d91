/// Walks the elements of a ``TensorDatatype/bytes`` tensor: each a 4-byte little-endian length and that many bytes.
///
/// Lengths are checked against what is left, so bytes from a client can be walked.
public struct ByteStringElements: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0
    /// How many elements were returned.
    public private(set) var taken = 0

    /// Starts at the first element of `bytes`, which must stay valid.
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Whether every byte belonged to an element.
    public var isComplete: Bool { offset == bytes.count }

    /// The next element, or nil at the end and at an element that reaches beyond it. O(1).
    public mutating func next() -> UnsafeRawBufferPointer? {
        let start = offset + 4
        guard start <= bytes.count else { return nil }
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        guard length <= bytes.count - start else { return nil }
        offset = start + length
        taken += 1
        return UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
    }
}

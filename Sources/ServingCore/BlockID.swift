/// The content hash that names a parameter block: equal structure and weights, equal id.
public struct BlockID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// SHA-256 in lower-case hexadecimal, or any unique text in tests.
    public let hash: String

    /// Makes an id of `hash`.
    public init(_ hash: String) {
        self.hash = hash
    }

    /// The hash.
    public var description: String { hash }

    /// Order by hash.
    public static func < (lhs: BlockID, rhs: BlockID) -> Bool { lhs.hash < rhs.hash }
}

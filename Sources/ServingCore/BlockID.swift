/// The content hash that names a parameter block: equal structure and weights, equal id.
public struct BlockID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// SHA-256 in lower-case hexadecimal, or any unique text in tests.
    public let hash: String
    /// What hash tables are given instead of the text: blocks are looked up several times for every request.
    private let tableHash: Int

    /// Makes an id of `hash`.
    /// - Complexity: O(n) for n characters; looking the id up in a table takes O(1).
    public init(_ hash: String) {
        self.hash = hash
        tableHash = hash.hashValue
    }

    /// Whether both name the same block.
    public static func == (lhs: BlockID, rhs: BlockID) -> Bool {
        lhs.tableHash == rhs.tableHash && lhs.hash == rhs.hash
    }

    /// Hashes the number made once for the text.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(tableHash)
    }

    /// The hash.
    public var description: String { hash }

    /// Order by hash.
    public static func < (lhs: BlockID, rhs: BlockID) -> Bool { lhs.hash < rhs.hash }
}

/// A set of parameter blocks by dense index, one bit each.
public struct BlockSet: Hashable, Sendable {
    private var words: [UInt64]

    /// An empty set with room for blocks `0 ..< capacity`.
    public init(capacity: Int = 0) {
        words = [UInt64](repeating: 0, count: (capacity + 63) / 64)
    }

    /// A set of `blocks`, none negative.
    public init(_ blocks: some Sequence<Int>) {
        words = []
        for block in blocks { insert(block) }
    }

    /// Whether `block` is in the set.
    public func contains(_ block: Int) -> Bool {
        let word = block >> 6
        guard word < words.count else { return false }
        return words[word] & (1 << UInt64(block & 63)) != 0
    }

    /// Puts `block` in; says whether it was not there before.
    @discardableResult
    public mutating func insert(_ block: Int) -> Bool {
        let word = block >> 6
        while word >= words.count { words.append(0) }
        let bit: UInt64 = 1 << UInt64(block & 63)
        let isNew = words[word] & bit == 0
        words[word] |= bit
        return isNew
    }

    /// Takes `block` out; says whether it was there.
    @discardableResult
    public mutating func remove(_ block: Int) -> Bool {
        let word = block >> 6
        guard word < words.count else { return false }
        let bit: UInt64 = 1 << UInt64(block & 63)
        let wasThere = words[word] & bit != 0
        words[word] &= ~bit
        return wasThere
    }

    /// Adds every block of `other`.
    public mutating func formUnion(_ other: BlockSet) {
        while words.count < other.words.count { words.append(0) }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    /// Takes out every block of `other`.
    public mutating func subtract(_ other: BlockSet) {
        for index in 0..<min(words.count, other.words.count) { words[index] &= ~other.words[index] }
    }

    /// Takes every block out, keeping the room.
    public mutating func removeAll() {
        for index in words.indices { words[index] = 0 }
    }

    /// Makes this set equal to `other` without giving its room up.
    public mutating func assign(_ other: BlockSet) {
        words.removeAll(keepingCapacity: true)
        words.append(contentsOf: other.words)
    }

    /// Whether every block of this set is in `other`.
    public func isSubset(of other: BlockSet) -> Bool {
        for index in words.indices {
            let theirs = index < other.words.count ? other.words[index] : 0
            guard words[index] & ~theirs == 0 else { return false }
        }
        return true
    }

    /// Whether a block is in both sets.
    public func intersects(_ other: BlockSet) -> Bool {
        // Without a branch for each word several are compared at once.
        words.withUnsafeBufferPointer { mine in
            other.words.withUnsafeBufferPointer { theirs in
                var common: UInt64 = 0
                for index in 0..<min(mine.count, theirs.count) { common |= mine[index] & theirs[index] }
                return common != 0
            }
        }
    }

    /// Keeps only the blocks that are in `other` too.
    public mutating func formIntersection(_ other: BlockSet) {
        for index in words.indices { words[index] &= index < other.words.count ? other.words[index] : 0 }
    }

    /// Whether nothing is in the set.
    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// How many blocks are in the set.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Calls `body` with each block that is in this set or in `other`, but not in both.
    public func forEachDifference(from other: BlockSet, _ body: (Int) -> Void) {
        for index in 0..<max(words.count, other.words.count) {
            let mine = index < words.count ? words[index] : 0
            var word = mine ^ (index < other.words.count ? other.words[index] : 0)
            while word != 0 {
                body(index << 6 | word.trailingZeroBitCount)
                word &= word - 1
            }
        }
    }

    /// Calls `body` with each block, in ascending order.
    public func forEach(_ body: (Int) -> Void) {
        for index in words.indices {
            var word = words[index]
            while word != 0 {
                body(index << 6 | word.trailingZeroBitCount)
                word &= word - 1
            }
        }
    }

    /// The blocks in ascending order.
    public var indices: [Int] {
        var result: [Int] = []
        forEach { result.append($0) }
        return result
    }

    /// Equal where the same blocks are in both, whatever room they have.
    public static func == (lhs: BlockSet, rhs: BlockSet) -> Bool { lhs.trimmed == rhs.trimmed }

    /// Hashes the blocks, not the room.
    public func hash(into hasher: inout Hasher) { hasher.combine(trimmed) }

    private var trimmed: ArraySlice<UInt64> {
        guard let last = words.lastIndex(where: { $0 != 0 }) else { return [] }
        return words[...last]
    }
}

/// How many blocks of a part of ``BlockParts`` more are away: fewer where it is loaded, more where it is evicted.
struct PartChange: Hashable, Sendable {
    var part: Int
    var blocks: Int
}

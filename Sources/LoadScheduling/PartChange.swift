/// How many blocks of a part of ``BlockParts`` more are away: fewer where it is loaded, more where it is evicted.
struct PartChange: Hashable, Sendable {
    // Small, as whole lists of them are copied for each question; there are fewer blocks than 2^31.
    private var number: Int32
    private var count: Int32

    init(part: Int, blocks: Int) {
        number = Int32(truncatingIfNeeded: part)
        count = Int32(truncatingIfNeeded: blocks)
    }

    var part: Int { Int(number) }
    var blocks: Int {
        get { Int(count) }
        set { count = Int32(truncatingIfNeeded: newValue) }
    }
}

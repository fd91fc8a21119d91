import LoadScheduling
import TestSupport
import Testing

struct BlockSetTests {
    @Test(arguments: UInt64(0)..<10)
    func `it does what a set of integers does`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bits = (BlockSet(capacity: 10), BlockSet())
        var sets = (Set<Int>(), Set<Int>())
        for _ in 0..<300 {
            let block = Int.random(in: 0..<200, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: #expect(bits.0.insert(block) == sets.0.insert(block).inserted)
            case 2:
                bits.1.insert(block)
                sets.1.insert(block)
            case 3: #expect(bits.0.remove(block) == (sets.0.remove(block) != nil))
            case 4:
                bits.0.formUnion(bits.1)
                sets.0.formUnion(sets.1)
            default:
                bits.0.subtract(bits.1)
                sets.0.subtract(sets.1)
            }
            #expect(bits.0.indices == sets.0.sorted())
            #expect(bits.0.contains(block) == sets.0.contains(block))
            #expect(bits.0.isSubset(of: bits.1) == sets.0.isSubset(of: sets.1))
            #expect(bits.0.intersects(bits.1) == !sets.0.isDisjoint(with: sets.1))
            #expect(bits.0.count == sets.0.count)
            #expect(bits.0.isEmpty == sets.0.isEmpty)
        }
        bits.0.formIntersection(bits.1)
        #expect(Set(bits.0.indices) == sets.0.intersection(sets.1))
    }

    @Test func `equality is about the blocks, not the room`() {
        var roomy = BlockSet(capacity: 1000)
        roomy.insert(3)
        #expect(roomy == BlockSet([3]))
        #expect(roomy.hashValue == BlockSet([3]).hashValue)
    }
}

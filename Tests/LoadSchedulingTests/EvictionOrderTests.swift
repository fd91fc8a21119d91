import LoadScheduling
import ServingCore
import Testing

struct EvictionOrderTests {
    /// Four blocks of 10 bytes in two models; block 3 is in neither, and block 2 the least worth keeping.
    private let server = EdgeServer(
        blocks: [4, 3, 1, 2].map { EdgeServer.Block(bytes: 10, loadSeconds: 0.1, retention: $0) },
        models: [[0, 1], [1, 2]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0.1, itemSeconds: 0.1) },
        memoryBytes: 100
    )

    private func victims(_ candidates: [Int], _ nextUses: [Int], freeing bytes: Int = .max) -> [Int] {
        var set = BlockSet(candidates)
        let victims = EvictionOrder.victims(of: &set, nextUses: nextUses, freeing: bytes, on: server)
        #expect(set.isEmpty)
        return victims
    }

    @Test func `what is never used again goes first, then what is used furthest away, the least worth first`() {
        #expect(victims([0, 1, 2, 3], [0, 1]) == [3, 2, 1, 0])
        #expect(victims([0, 1, 2, 3], [1, 0]) == [3, 0, 2, 1])
        #expect(victims([0, 1, 2, 3], []) == [2, 3, 1, 0])
    }

    @Test func `only as many groups are looked at as it takes`() {
        #expect(victims([0, 1, 2, 3], [0, 1], freeing: 10) == [3])
        #expect(victims([0, 1, 2, 3], [0, 1], freeing: 11) == [3, 2])
        #expect(victims([0, 1, 2, 3], [0, 1], freeing: 25) == [3, 2, 1, 0])
        #expect(victims([], [0], freeing: 25) == [])
    }
}

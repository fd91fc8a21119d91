import ModelServing
import ServingCore
import Testing

@testable import Gateway

struct LoadTurnTests {
    private static func blocks(_ sizes: [Int]) -> [ParameterBlock] {
        sizes.enumerated().map { ParameterBlock(id: BlockID("b\($0.offset)"), size: ByteCount($0.element)) }
    }

    /// Carries out `count` orders on paper; what is in memory after each, and how often each block was loaded.
    private func play(_ turn: LoadTurn, _ count: Int) -> (resident: [Int], loads: [BlockID: Int]) {
        var (turn, resident, loads, sizes) = (turn, [BlockID: Int](), [BlockID: Int](), [Int]())
        for _ in 0..<count {
            let order = turn.next()
            for id in order.evictions {
                let size = resident.removeValue(forKey: id)
                #expect(size != nil, "only what is there is put out")
            }
            for block in order.loads {
                #expect(resident[block.id] == nil, "a block that is there is not loaded")
                resident[block.id] = block.size.rawValue
                loads[block.id, default: 0] += 1
            }
            sizes.append(resident.values.reduce(0, +))
        }
        return (sizes, loads)
    }

    @Test func `each block comes as often as any other, and half of the bytes are in memory at most`() {
        let turn = LoadTurn(Self.blocks([10, 30, 5, 20, 15, 40]), memory: ByteCount(1000))
        let (resident, loads) = play(turn, 30)
        #expect(loads.values.allSatisfy { $0 == 10 } && loads.count == 6)
        #expect(resident.allSatisfy { $0 <= 60 })
        #expect(resident.dropFirst(3).allSatisfy { $0 > 20 }, "\(resident)")
    }

    @Test func `where memory is short it is kept to, but for one order`() {
        let turn = LoadTurn(Self.blocks([10, 30, 5, 20, 15, 40]), memory: ByteCount(1))
        let (resident, _) = play(turn, 12)
        #expect(resident.allSatisfy { $0 <= 55 })
    }

    @Test(arguments: [1, 2])
    func `few blocks are put out before they come again`(count: Int) {
        let turn = LoadTurn(Self.blocks(Array(repeating: 7, count: count)), memory: ByteCount(100))
        let (resident, loads) = play(turn, 4)
        #expect(resident.allSatisfy { $0 == 7 * count })
        #expect(loads.values.allSatisfy { $0 == 4 })
    }

    @Test func `without blocks there is nothing to do`() {
        var turn = LoadTurn([], memory: ByteCount(100))
        #expect(turn.next() == ResidencyOrder(evictions: [], loads: []))
    }
}

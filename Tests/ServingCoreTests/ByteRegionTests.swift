import ServingCore
import Testing

struct ByteRegionTests {
    @Test func `A slice shares the bytes of its region`() {
        let region = ByteRegion(copying: [1, 2, 3, 4, 5])
        #expect(region.slice(1..<4)?.array == [2, 3, 4])
        #expect(region.slice(5..<5)?.count == 0)
    }

    @Test func `A slice outside the region is refused`() {
        let region = ByteRegion(copying: [1, 2, 3])
        #expect(region.slice(1..<4) == nil)
        #expect(ByteRegion.empty.slice(0..<1) == nil)
    }

    @Test func `A storage takes no more than it has room for`() {
        let storage = ByteStorage(capacity: 3)
        let taken = [9, 8, 7, 6].withUnsafeBytes { storage.append($0) }
        #expect(taken == 3)
        #expect(storage.remaining == 0)
        #expect(storage.region.count == 3)
    }

    @Test func `A shape whose product overflows or that has a negative dimension has no element count`() {
        #expect(Tensor.elementCount(of: [2, 3, 4]) == 24)
        #expect(Tensor.elementCount(of: []) == 1)
        #expect(Tensor.elementCount(of: [-1, 2]) == nil)
        #expect(Tensor.elementCount(of: [1 << 40, 1 << 40]) == nil)
        #expect(Tensor.elementCount(of: [0, 5]) == 0)
    }
}

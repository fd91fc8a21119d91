/// A block of memory that is filled once from front to back and then read through ``ByteRegion``s.
///
/// One thread fills it; regions may be read from any thread after the last write was handed over.
/// `@unchecked Sendable` because filling ends before the storage is published.
public final class ByteStorage: @unchecked Sendable {
    private let allocation: UnsafeMutableRawPointer
    private let memory: UnsafeMutableRawBufferPointer
    /// How many bytes are filled.
    public private(set) var count = 0

    /// Allocates room for `capacity` bytes, aligned for any tensor element and for vector loads.
    public init(capacity: Int) {
        precondition(capacity >= 0, "a capacity is never negative: check it where it comes from")
        // Aligned here: the heap's own aligned allocation passes by its caches and takes several times as long.
        let alignment = 64
        allocation = .allocate(byteCount: capacity + alignment, alignment: 16)
        let start = allocation.alignedUp(toMultipleOf: alignment)
        memory = UnsafeMutableRawBufferPointer(start: start, count: capacity)
    }

    deinit {
        allocation.deallocate()
    }

    /// How many bytes there is room for in all.
    public var capacity: Int { memory.count }

    /// How many bytes still fit.
    public var remaining: Int { memory.count - count }

    /// Appends as many of `bytes` as fit and says how many that were.
    @discardableResult
    public func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        let accepted = min(bytes.count, remaining)
        guard accepted > 0 else { return 0 }
        UnsafeMutableRawBufferPointer(rebasing: memory[count...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<accepted]))
        count += accepted
        return accepted
    }

    /// Appends `bytes`, which must fit.
    public func append(contentsOf bytes: some Collection<UInt8>) {
        precondition(bytes.count <= remaining, "a storage is allocated for all it will hold")
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyBytes(from: bytes)
        count += bytes.count
    }

    /// Calls `body` with all room that is not filled yet; `body` returns how much of its front it filled.
    public func fill(_ body: (UnsafeMutableRawBufferPointer) throws -> Int) rethrows {
        let filled = try body(UnsafeMutableRawBufferPointer(rebasing: memory[count...]))
        precondition(filled >= 0 && filled <= remaining, "no more than the room given can be filled")
        count += filled
    }

    /// The bytes filled so far; nothing may be appended while the region is in use by another thread.
    public var region: ByteRegion {
        guard count > 0, let start = memory.baseAddress else { return .empty }
        return ByteRegion(owner: self, start: start, count: count)
    }
}

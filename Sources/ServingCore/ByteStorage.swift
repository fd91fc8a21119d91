#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A block of memory that is filled once from front to back and then read through ``ByteRegion``s.
///
/// One thread fills it; regions may be read from any thread after the last write was handed over.
/// `@unchecked Sendable` because filling ends before the storage is published.
public final class ByteStorage: @unchecked Sendable {
    private let allocation: UnsafeMutableRawPointer
    private let memory: UnsafeMutableRawBufferPointer
    /// An object that is kept as long as the memory is.
    private let companion: (any AnyObject & Sendable)?
    /// How many bytes are filled.
    public private(set) var count = 0

    // Aligned here: the heap's own aligned allocation passes by its caches and takes several times as long.
    private static let alignment = 64

    /// Allocates room for `capacity` bytes, aligned for any tensor element and for vector loads; the process ends where there is
    /// none. For sizes that follow from no request: others take ``init(checkedCapacity:companion:)``.
    public convenience init(capacity: Int) {
        precondition(capacity >= 0, "a capacity is never negative: check it where it comes from")
        guard let allocation = malloc(capacity + Self.alignment) else {
            preconditionFailure("there is no memory for \(capacity) bytes")
        }
        self.init(allocation, capacity: capacity, companion: nil)
    }

    /// Allocates room for `checkedCapacity` bytes, aligned for any tensor element and for vector loads, and keeps `companion`
    /// until it is freed.
    ///
    /// - Throws: ``ServingError/Code/memoryUnavailable`` where the system has no such memory.
    public convenience init(
        checkedCapacity: Int,
        companion: (any AnyObject & Sendable)? = nil
    ) throws(ServingError) {
        let (size, overflow) = checkedCapacity.addingReportingOverflow(Self.alignment)
        guard checkedCapacity >= 0, !overflow, let allocation = malloc(size) else {
            throw ServingError(.memoryUnavailable, "there is no memory for \(checkedCapacity) bytes now")
        }
        self.init(allocation, capacity: checkedCapacity, companion: companion)
    }

    private init(_ allocation: UnsafeMutableRawPointer, capacity: Int, companion: (any AnyObject & Sendable)?) {
        self.allocation = allocation
        let start = allocation.alignedUp(toMultipleOf: Self.alignment)
        memory = UnsafeMutableRawBufferPointer(start: start, count: capacity)
        self.companion = companion
    }

    deinit {
        free(allocation)
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

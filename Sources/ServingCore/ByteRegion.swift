/// An immutable run of bytes, kept alive by its owner and shared without copying.
///
/// `@unchecked Sendable` because the memory is never written once a region of it exists, and `owner` keeps it valid.
public struct ByteRegion: @unchecked Sendable {
    @usableFromInline let owner: AnyObject?
    @usableFromInline let start: UnsafeRawPointer?
    /// How many bytes.
    public let count: Int

    /// Makes a region of `count` bytes at `start`, valid and unchanging for as long as `owner` lives.
    public init(owner: AnyObject, start: UnsafeRawPointer, count: Int) {
        self.owner = owner
        self.start = start
        self.count = count
    }

    /// Makes a region that owns a copy of `bytes`.
    public init(copying bytes: some Collection<UInt8>) {
        let storage = ByteStorage(capacity: bytes.count)
        storage.append(contentsOf: bytes)
        self = storage.region
    }

    /// No bytes.
    public static let empty = ByteRegion()

    private init() {
        owner = nil
        start = nil
        count = 0
    }

    /// Calls `body` with the bytes, which are valid only until it returns.
    @inlinable
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        defer { withExtendedLifetime(owner) {} }
        return try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The part of the region in `range`, or nil where `range` reaches outside it.
    public func slice(_ range: Range<Int>) -> ByteRegion? {
        guard range.lowerBound >= 0, range.upperBound <= count else { return nil }
        guard let owner, let start else { return range.isEmpty ? .empty : nil }
        return ByteRegion(owner: owner, start: start + range.lowerBound, count: range.count)
    }

    /// A copy of the bytes as an array.
    public var array: [UInt8] { withUnsafeBytes { Array($0) } }
}

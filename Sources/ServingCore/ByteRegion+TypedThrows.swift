extension ByteRegion {
    /// Calls `body` with the bytes, which are valid only until it returns; throws what `body` throws, with its type.
    @inlinable
    public func withBytes<Output, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Output
    ) throws(Failure) -> Output {
        defer { withExtendedLifetime(owner) {} }
        return try body(UnsafeRawBufferPointer(start: start, count: count))
    }
}

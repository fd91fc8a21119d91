extension ByteRegion {
    /// Calls `body` with the bytes, which are valid only until it returns; throws what `body` throws, with its type.
    public func withBytes<Output, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Output
    ) throws(Failure) -> Output {
        let result: Result<Output, Failure> = withUnsafeBytes { bytes in
            Result { () throws(Failure) -> Output in try body(bytes) }
        }
        return try result.get()
    }
}

public import ServingCore

/// Something that has one JSON text.
public protocol JSONWritable {
    /// Writes it as one value.
    func write(to writer: inout JSONWriter)
}

extension JSONWritable {
    /// The whole text. O(text).
    public func json() -> ByteRegion {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.finish()
    }
}

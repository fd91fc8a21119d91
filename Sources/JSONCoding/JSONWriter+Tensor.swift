public import ServingCore

extension JSONWriter {
    /// Writes a member that is the flat array of a tensor's elements, row-major, straight from its bytes.
    ///
    /// Throws `invalidField`, having written nothing, where an element has no JSON form: a number that is not finite,
    /// a byte string that is not UTF-8, or any FP16 or BF16. O(elements).
    public mutating func member(_ name: String, elementsOf tensor: Tensor) throws(ServingError) {
        let start = mark
        do throws(JSONFormError) {
            try tensor.data.withBytes { (bytes) throws(JSONFormError) in
                key(name)
                beginArray()
                try append(bytes, as: tensor.datatype)
                endArray()
            }
        } catch {
            rewind(to: start)
            throw ServingError(
                .invalidField,
                "output \"\(tensor.name)\" \(error.reason), which has no JSON form: ask for it with "
                    + "\"binary_data\": true",
                field: "outputs"
            )
        }
    }

    private mutating func append(
        _ bytes: UnsafeRawBufferPointer,
        as datatype: TensorDatatype
    ) throws(JSONFormError) {
        switch datatype {
        case .bool: for byte in bytes { bool(byte != 0) }
        case .uint8: integers(bytes, as: UInt8.self)
        case .uint16: integers(bytes, as: UInt16.self)
        case .uint32: integers(bytes, as: UInt32.self)
        case .uint64: integers(bytes, as: UInt64.self)
        case .int8: integers(bytes, as: Int8.self)
        case .int16: integers(bytes, as: Int16.self)
        case .int32: integers(bytes, as: Int32.self)
        case .int64: integers(bytes, as: Int64.self)
        case .float32: try numbers(bytes, as: Float.self) { $0.append(shortest: $1) }
        case .float64: try numbers(bytes, as: Double.self) { $0.append(shortest: $1) }
        case .bytes: try strings(bytes)
        case .float16, .bfloat16: throw JSONFormError(reason: "is \(datatype.rawValue)")
        }
    }

    private mutating func integers<Element: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer,
        as type: Element.Type
    ) {
        for index in 0..<(bytes.count / MemoryLayout<Element>.size) {
            let offset = index * MemoryLayout<Element>.size
            integer(Element(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type)))
        }
    }

    private mutating func numbers<Element: BinaryFloatingPoint & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer,
        as type: Element.Type,
        _ write: (inout JSONWriter, Element) -> Void
    ) throws(JSONFormError) {
        for index in 0..<(bytes.count / MemoryLayout<Element>.size) {
            let value = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Element>.size, as: type)
            guard value.isFinite else { throw JSONFormError(reason: "holds \(value) at element \(index)") }
            beginValue()
            write(&self, value)
        }
    }

    private mutating func strings(_ bytes: UnsafeRawBufferPointer) throws(JSONFormError) {
        var elements = ByteStringElements(bytes)
        while let element = elements.next() {
            guard String(validating: element, as: UTF8.self) != nil else {
                throw JSONFormError(reason: "holds a byte string that is not UTF-8 at element \(elements.taken - 1)")
            }
            string(utf8: element)
        }
        guard elements.isComplete else { throw JSONFormError(reason: "holds byte strings with wrong lengths") }
    }
}

/// An element that JSON cannot carry.
private struct JSONFormError: Error {
    let reason: String
}

import ServingCore

extension Tensor {
    /// Checks that the bytes are exactly what datatype and shape say.
    ///
    /// Throws `.invalidField`. Without it a request with too few bytes beside one with too many would shift the rows
    /// of everybody in between.
    /// - Complexity: O(1), O(n) for n strings of ``TensorDatatype/bytes``.
    func checkSize() throws(ServingError) {
        guard let count = Tensor.elementCount(of: shape) else { throw misfit("has an impossible shape \(shape)") }
        if let elementSize = datatype.elementSize {
            let (size, overflow) = count.multipliedReportingOverflow(by: elementSize)
            guard !overflow, size == data.count else {
                throw misfit("has \(data.count) bytes, which is not what shape \(shape) takes")
            }
        } else {
            guard data.endOfStrings(count: count, from: 0) == data.count else {
                throw misfit("does not hold \(count) strings, each after its 4-byte length")
            }
        }
    }

    private func misfit(_ what: String) -> ServingError {
        ServingError(.invalidField, "tensor '\(name)' \(what)", field: name)
    }
}

extension ByteRegion {
    /// Where the `count` strings that start at `offset` end, or nil where the region ends before.
    /// - Complexity: O(count).
    func endOfStrings(count: Int, from offset: Int) -> Int? {
        withUnsafeBytes { bytes in
            var end = offset
            for _ in 0..<count {
                guard bytes.count - end >= 4 else { return nil }
                let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: end, as: UInt32.self)))
                guard bytes.count - end - 4 >= length else { return nil }
                end += 4 + length
            }
            return end
        }
    }
}

internal import ServingCore

/// Checks of bytes from outside against what a tensor must hold.
enum TensorBytes {
    /// What is wrong with `data` as a tensor of `datatype` and `shape`, or nil. O(1), but O(bytes) for BOOL and BYTES.
    static func fault(in data: ByteRegion, datatype: TensorDatatype, shape: [Int]) -> String? {
        guard let elements = Tensor.elementCount(of: shape) else { return "the shape is too large" }
        guard let elementSize = datatype.elementSize else { return byteStringFault(in: data, elements: elements) }
        let (expected, overflow) = elements.multipliedReportingOverflow(by: elementSize)
        guard !overflow else { return "the shape is too large" }
        guard data.count == expected else {
            return "\(datatype.rawValue) of shape \(shape) takes \(expected) bytes, found \(data.count)"
        }
        guard datatype == .bool, data.withUnsafeBytes({ $0.contains { $0 > 1 } }) else { return nil }
        return "a BOOL is a byte of 0 or 1"
    }

    private static func byteStringFault(in data: ByteRegion, elements: Int) -> String? {
        data.withUnsafeBytes { bytes in
            var strings = ByteStringElements(bytes)
            while strings.taken < elements, strings.next() != nil {}
            guard strings.taken == elements, strings.isComplete else {
                return "\(elements) byte strings expected, the lengths in \(data.count) bytes do not give as many"
            }
            return nil
        }
    }
}

internal import JSONCoding
internal import ServingCore

/// The bytes behind a request's JSON part, handed out tensor by tensor.
struct BinaryPayload {
    private let region: ByteRegion
    private var offset = 0

    /// Starts at the first byte.
    init(_ region: ByteRegion) {
        self.region = region
    }

    /// Takes the next tensor, of as many bytes as `size` says; throws `invalidField` where these are not there or are
    /// not what `datatype` and `shape` need. O(1), but O(bytes) for BOOL and BYTES.
    mutating func take(
        _ size: JSONValue,
        datatype: TensorDatatype,
        shape: [Int]
    ) throws(ServingError) -> ByteRegion {
        let count = try size.integer(in: 0...Int.max)
        guard count <= region.count - offset, let data = region.slice(offset..<(offset + count)) else {
            throw size.error("\(count) bytes of binary data announced, \(region.count - offset) are left in the body")
        }
        offset += count
        if let fault = TensorBytes.fault(in: data, datatype: datatype, shape: shape) { throw size.error(fault) }
        return data
    }

    /// Throws `invalidField` where bytes are left over.
    func checkUsedUp() throws(ServingError) {
        guard offset == region.count else {
            throw ServingError(
                .invalidField,
                "\(region.count) bytes of binary data came, \"binary_data_size\" of all inputs add up to \(offset)",
                field: "inputs"
            )
        }
    }
}

/// A named tensor with its bytes: little-endian, row-major, exactly as binary tensors go over the wire.
///
/// Elements of ``TensorDatatype/bytes`` are each a 4-byte little-endian length and that many bytes.
public struct Tensor: Sendable {
    /// The tensor's name in its model.
    public var name: String
    /// The element type.
    public var datatype: TensorDatatype
    /// The dimensions, none of them negative.
    public var shape: [Int]
    /// The elements.
    public var data: ByteRegion

    /// Makes a tensor; whoever makes it from outside data has checked that `data` holds what `shape` says.
    public init(name: String, datatype: TensorDatatype, shape: [Int], data: ByteRegion) {
        self.name = name
        self.datatype = datatype
        self.shape = shape
        self.data = data
    }

    /// The number of elements `shape` describes, or nil where a dimension is negative or the product overflows.
    public static func elementCount(of shape: [Int]) -> Int? {
        var product = 1
        for dimension in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { return nil }
            product = next
        }
        return product
    }
}

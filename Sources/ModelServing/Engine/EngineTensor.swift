public import ServingCore

/// A tensor where the engine keeps it, between the blocks of a chain; an object, so that handing it on copies nothing.
public protocol EngineTensor: AnyObject, Sendable {
    /// The element type.
    var datatype: TensorDatatype { get }
    /// The dimensions, none of them negative.
    var shape: [Int] { get }

    /// The elements in wire layout; numeric elements are not copied, the region keeps the tensor alive.
    func bytes() throws(ServingError) -> ByteRegion
}

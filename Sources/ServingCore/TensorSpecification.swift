/// What a model says of one of its inputs or outputs.
public struct TensorSpecification: Hashable, Sendable {
    /// The tensor's name in the model.
    public var name: String
    /// The element type.
    public var datatype: TensorDatatype
    /// The dimensions, -1 for each that varies.
    public var shape: [Int]

    /// Makes a specification.
    public init(name: String, datatype: TensorDatatype, shape: [Int]) {
        self.name = name
        self.datatype = datatype
        self.shape = shape
    }

    /// Whether the first dimension varies, so that requests can be put side by side along it.
    public var hasVariableFirstDimension: Bool { shape.first == -1 }

    /// Whether a concrete shape fits: equal rank, and equal wherever the dimension does not vary.
    public func accepts(shape concrete: [Int]) -> Bool {
        concrete.count == shape.count && zip(shape, concrete).allSatisfy { $0 == -1 || $0 == $1 }
    }
}

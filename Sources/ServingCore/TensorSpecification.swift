/// What a model says of one of its inputs or outputs.
public struct TensorSpecification: Hashable, Sendable {
    /// The tensor's name in the model; two names are one only where their bytes are, as in ONNX.
    public var name: String
    /// The element type.
    public var datatype: TensorDatatype
    /// The dimensions, -1 for each that varies.
    public var shape: [Int]
    /// A name for each dimension, empty where it has none; no names at all where none has one.
    ///
    /// Dimensions of one name are equal in every request.
    public var dimensionNames: [String]

    /// Makes a specification.
    public init(name: String, datatype: TensorDatatype, shape: [Int], dimensionNames: [String] = []) {
        self.name = name
        self.datatype = datatype
        self.shape = shape
        self.dimensionNames = dimensionNames
    }

    /// Whether the first dimension varies, so that requests can be put side by side along it.
    public var hasVariableFirstDimension: Bool { shape.first == -1 }

    /// Whether a concrete shape fits: equal rank, and equal wherever the dimension does not vary.
    public func accepts(shape concrete: [Int]) -> Bool {
        concrete.count == shape.count && zip(shape, concrete).allSatisfy { $0 == -1 || $0 == $1 }
    }

    /// Whether both say the same; names count byte by byte, where Swift's own comparison takes composed and decomposed
    /// characters for one.
    public static func == (lhs: TensorSpecification, rhs: TensorSpecification) -> Bool {
        lhs.name.hasSameBytes(as: rhs.name) && lhs.datatype == rhs.datatype && lhs.shape == rhs.shape
            && lhs.dimensionNames.elementsEqual(rhs.dimensionNames) { $0.hasSameBytes(as: $1) }
    }

    /// Hashes what is compared; names that Swift takes for one hash alike.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(datatype)
        hasher.combine(shape)
    }
}

extension String {
    /// Whether both have the same bytes, which `==` does not ask for.
    public func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

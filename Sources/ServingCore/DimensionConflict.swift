/// Two dimensions of a request that the model calls by one name and that are not equal.
public struct DimensionConflict: Hashable, Sendable {
    /// One dimension of one input.
    public struct Place: Hashable, Sendable {
        /// The input's place in the model.
        public var input: Int
        /// The dimension's place in its shape.
        public var dimension: Int
        /// How large the request makes it.
        public var extent: Int
    }

    /// The name they share.
    public var name: String
    /// The earlier one in the model's order.
    public var first: Place
    /// The later one.
    public var second: Place

    /// The first conflict among `tensors`, one for each of `inputs`; nil where there is none.
    ///
    /// - Complexity: O(n²) for n dimensions with names: a handful.
    public init?(in tensors: [Tensor], of inputs: [TensorSpecification]) {
        // Mostly the rows of one input alone have a name, which is equal to itself.
        guard inputs.reduce(0, { $0 + $1.dimensionNames.count { !$0.isEmpty } }) > 1 else { return nil }
        for (index, input) in inputs.enumerated() where index < tensors.count {
            for (dimension, name) in input.dimensionNames.enumerated() where !name.isEmpty {
                let shape = tensors[index].shape
                guard dimension < shape.count,
                    let known = Self.first(called: name, in: inputs), known.input < tensors.count,
                    known.dimension < tensors[known.input].shape.count
                else { continue }
                let extent = tensors[known.input].shape[known.dimension]
                guard extent != shape[dimension] else { continue }
                self.name = name
                first = Place(input: known.input, dimension: known.dimension, extent: extent)
                second = Place(input: index, dimension: dimension, extent: shape[dimension])
                return
            }
        }
        return nil
    }

    private static func first(called name: String, in inputs: [TensorSpecification]) -> (input: Int, dimension: Int)? {
        for (index, input) in inputs.enumerated() {
            for (dimension, other) in input.dimensionNames.enumerated() where other.hasSameBytes(as: name) {
                return (index, dimension)
            }
        }
        return nil
    }
}

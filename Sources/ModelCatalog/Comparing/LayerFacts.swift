import ServingCore

/// What decides how two layers are matched: a layer is what one block holds.
struct LayerFacts: Hashable, Sendable {
    /// The block: layers with the same one are equal.
    var block: BlockID
    /// Its operators, in the order they run.
    var operators: [String]
    /// Bytes of its weights, by type, shape and content.
    var weights: [String: Int]
    /// Types and shapes of its weights, in order.
    var shapes: [String]

    /// How well two layers match; greater is better.
    enum Match: Int, Comparable, Sendable {
        /// They have nothing in common.
        case none = 0
        /// Weights of the same types and shapes, with other values.
        case shape = 3
        /// The very same weights, calculated with in another way.
        case weights = 6
        /// The same block.
        case equal = 8

        static func < (lhs: Match, rhs: Match) -> Bool { lhs.rawValue < rhs.rawValue }
    }

    /// Notes what decides of `model`, which is a block in canonical form.
    init(_ model: Onnx_ModelProto, block: BlockID) {
        self.block = block
        operators = model.graph.node.map(\.opType)
        weights = BlockWeights(of: model, countsVectors: true).bytes
        shapes = Self.weights(in: model).map(\.typeAndShape).sorted()
    }

    /// States it, for layers that no model is at hand of.
    init(block: BlockID, operators: [String] = [], weights: [String: Int] = [:], shapes: [String] = []) {
        (self.block, self.operators, self.weights, self.shapes) = (block, operators, weights, shapes)
    }

    /// How well it matches `other`.
    func match(_ other: LayerFacts) -> Match {
        if block == other.block { return .equal }
        let haveEqualWeights = weights.keys == other.weights.keys
        if haveEqualWeights, !weights.isEmpty || operators == other.operators { return .weights }
        return !shapes.isEmpty && shapes == other.shapes ? .shape : .none
    }

    /// The tensors of a block that are weights.
    static func weights(in model: Onnx_ModelProto) -> [Onnx_TensorProto] {
        model.graph.initializer.filter {
            $0.storedByteCount >= BlockWeights.settingByteLimit || $0.isExternal || $0.isVector
        }
    }
}

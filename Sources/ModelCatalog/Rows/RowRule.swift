/// What one operator does to rows, at least one of its inputs having them and none being unknown or mixed.
struct RowRule {
    /// The node.
    let node: Onnx_NodeProto
    /// The version of ONNX's operator set.
    let version: Int64
    /// What each of its inputs is; left out ones are constant.
    let inputs: [RowState]
    /// Of each input that is an initialiser, what is known.
    let constants: [ConstantShape?]

    /// What its first output is; ``results`` has all.
    var result: RowState {
        if node.canonicalDomain == "com.microsoft", Self.mixing.contains(node.opType) {
            return mixed("takes all rows together")
        }
        guard node.canonicalDomain.isEmpty else { return unknown }
        if Self.mixing.contains(node.opType) { return mixed("takes all rows together") }
        if Self.numbering.contains(node.opType) { return mixed("calls rows by their numbers") }
        if ["Shape", "Size"].contains(node.opType) { return extents }
        if Self.sameInEachElement.contains(node.opType) { return broadcast }
        if Self.sameInEachRow.contains(node.opType) { return first }
        if node.opType.hasPrefix("Reduce") || Self.alongAxis[node.opType] != nil { return alongAxes }
        return matrixResult ?? movingResult ?? unknown
    }

    private static let mixing: Set = [
        "Compress", "DynamicQuantizeLSTM", "DynamicQuantizeLinear", "DynamicQuantizeMatMul", "NonMaxSuppression",
        "NonZero",
        "SplitToSequence", "StringNormalizer", "Unique",
    ]
    private static let numbering: Set = ["EyeLike", "MaxRoiPool", "MaxUnpool", "RoiAlign"]
    /// Each element of the output depends on one element of each input, which are broadcast together.
    private static let sameInEachElement: Set = [
        "Abs", "Acos", "Acosh", "Add", "And", "Asin", "Asinh", "Atan", "Atanh", "BitShift", "BitwiseAnd", "BitwiseNot",
        "BitwiseOr", "BitwiseXor", "Cast", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Div", "Dropout", "Elu", "Equal",
        "Erf", "Exp", "Floor", "Gelu", "Greater", "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "IsInf",
        "IsNaN", "LeakyRelu", "Less", "LessOrEqual", "Log", "Max", "Mean", "Min", "Mish", "Mod", "Mul", "Neg", "Not",
        "Or", "Pow", "PRelu", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh",
        "Softplus", "Softsign", "Sqrt", "Sub", "Sum", "Tan", "Tanh", "ThresholdedRelu", "Where", "Xor",
    ]
    /// The first input's rows are worked on one by one; all other inputs have to be constant.
    private static let sameInEachRow: Set = [
        "AveragePool", "BatchNormalization", "Conv", "ConvInteger", "ConvTranspose", "DepthToSpace",
        "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "GroupNormalization", "InstanceNormalization", "LRN",
        "LpPool", "MaxPool", "QLinearConv", "SpaceToDepth",
    ]
    /// Operators that work along the axis of an attribute, with its default.
    private static let alongAxis: [String: Int] = [
        "ArgMax": 0, "ArgMin": 0, "CumSum": 0, "Hardmax": -1, "LayerNormalization": -1, "LogSoftmax": -1,
        "LpNormalization": -1, "Softmax": -1, "Split": 0, "TopK": -1,
    ]

    // MARK: One element or one row at a time

    private var broadcast: RowState {
        guard let rank = inputs.compactMap(\.rank).max() else { return unknown }
        // Its third input says whether it is being trained, and draws lots then.
        if node.opType == "Dropout", node.input.count > 2, !node.input[2].isEmpty { return unknown }
        for (state, constant) in zip(inputs, constants) {
            switch state {
            case .rows(rank): continue
            // Its first dimension meets another one than the rows.
            case .rows: return mixed("puts rows along another dimension")
            case .constant:
                guard let dimensions = constant?.dimensions else { return unknown }
                let missesRows = dimensions.count < rank || (dimensions.count == rank && dimensions[0] == 1)
                guard missesRows else { return unknown }
            default: return unknown
            }
        }
        return .rows(rank: rank)
    }

    private var first: RowState {
        guard let rank = inputs.first?.rank, inputs.dropFirst().allSatisfy({ $0 == .constant }) else { return unknown }
        if node.opType == "BatchNormalization", integer("training_mode") ?? 0 != 0 || node.output.count > 1 {
            return mixed("normalises over all rows")
        }
        return .rows(rank: rank)
    }

    // MARK: Along axes

    private var alongAxes: RowState {
        guard let rank = inputs.first?.rank, inputs.dropFirst().allSatisfy({ $0.rank == nil }) else { return unknown }
        guard let axes = axes(rank: rank) else { return unknown }
        if axes.contains(0) { return mixed("works along the rows") }
        let keeps = integer("keepdims") ?? 1 != 0
        let drops = node.opType.hasPrefix("Reduce") || node.opType.hasPrefix("Arg")
        return .rows(rank: drops && !keeps ? rank - axes.count : rank)
    }

    /// The axes it works along, from 0; nil where they are not known.
    private func axes(rank: Int) -> Set<Int>? {
        guard let named = namedAxes(rank: rank) else { return nil }
        let normalised = named.map { min(max($0 < 0 ? $0 + rank : $0, 0), rank) }
        // These take everything from the axis on as one.
        let isFlattening = isSoftmax && version < 13 || node.opType == "LayerNormalization"
        return isFlattening ? Set(normalised.min().map { Array($0..<rank) } ?? []) : Set(normalised)
    }

    private func namedAxes(rank: Int) -> [Int]? {
        if let axes = integers("axes") { return axes.isEmpty ? Array(0..<rank) : axes }
        if let axis = integer("axis") { return [axis] }
        if let axis = Self.alongAxis[node.opType], node.opType != "CumSum" {
            return [isSoftmax && version < 13 ? 1 : axis]
        }
        let named = inputs.count > 1 && !node.input[1].isEmpty ? constants[1]?.integers : []
        guard let named, named.isEmpty else { return named }
        return integer("noop_with_empty_axes") ?? 0 != 0 ? [] : Array(0..<rank)
    }

    private var isSoftmax: Bool { ["Softmax", "LogSoftmax", "Hardmax"].contains(node.opType) }

    // MARK: Products

    private var matrixResult: RowState? {
        switch node.opType {
        case "Gemm": return gemm
        case "MatMul", "MatMulInteger", "QLinearMatMul": return product
        case "QuantizeLinear", "DequantizeLinear": return quantisation
        case "Trilu":
            guard let rank = inputs.first?.rank, inputs.count < 2 || inputs[1].isFixed else { return unknown }
            return rank > 2 ? .rows(rank: rank) : mixed("calls rows by their numbers")
        case "MeanVarianceNormalization":
            guard let rank = inputs.first?.rank else { return unknown }
            let axes = integers("axes") ?? [0, 2, 3]
            return axes.contains { $0 == 0 || $0 == -rank } ? mixed("works along the rows") : .rows(rank: rank)
        case "LSTM", "GRU", "RNN":
            return integer("layout") ?? 0 == 0 && inputs.first?.rank != nil ? mixed("takes the rows for time") : unknown
        default: return nil
        }
    }

    private var gemm: RowState {
        guard inputs.count >= 2 else { return unknown }
        if inputs[1].rank != nil || integer("transA") ?? 0 != 0 { return mixed("multiplies rows with each other") }
        guard inputs[0].rank != nil, inputs.dropFirst().allSatisfy({ $0 == .constant }) else { return unknown }
        if node.input.count > 2, !node.input[2].isEmpty {
            guard let dimensions = constants[2]?.dimensions, dimensions.count < 2 || dimensions[0] == 1 else {
                return unknown
            }
        }
        return .rows(rank: 2)
    }

    /// With one scale for all, or one for each place along another dimension than the rows.
    private var quantisation: RowState {
        guard let rank = inputs.first?.rank, inputs.dropFirst().allSatisfy({ $0 == .constant }),
            integer("block_size") ?? 0 == 0, let scale = constants.dropFirst().first??.dimensions
        else { return unknown }
        let axis = integer("axis") ?? 1
        guard scale.reduce(1, *) != 1 else { return .rows(rank: rank) }
        return axis == 0 || axis == -rank || scale.count != 1 ? unknown : .rows(rank: rank)
    }

    private var product: RowState {
        guard inputs.count >= 2 else { return unknown }
        let second = node.opType == "QLinearMatMul" ? 3 : 1
        guard inputs.indices.contains(second),
            inputs.enumerated().allSatisfy({ [0, second].contains($0) || $1 == .constant })
        else { return unknown }
        switch (inputs[0], inputs[second]) {
        case (.rows(let rank), .constant):
            guard let dimensions = constants[second]?.dimensions else { return unknown }
            if rank == 1 { return mixed("multiplies rows with each other") }
            guard dimensions.count <= 2 else { return unknown }
            return .rows(rank: dimensions.count == 2 ? rank : rank - 1)
        case (.constant, .rows(let rank)):
            guard let dimensions = constants[0]?.dimensions, dimensions.count <= 2 else { return unknown }
            return rank <= 2 ? mixed("multiplies rows with each other") : .rows(rank: rank)
        case (.rows(let one), .rows(let other)):
            guard one == other else { return unknown }
            return one < 3 ? mixed("multiplies rows with each other") : .rows(rank: one)
        default: return unknown
        }
    }

    // MARK: Reading attributes

    var unknown: RowState { .unknown("\(node.label) may mix rows") }

    func mixed(_ how: String) -> RowState { .mixed("\(node.label) \(how)") }

    func integer(_ name: String) -> Int? {
        node.attribute.first { $0.name == name }.map { Int($0.i) }
    }

    func integers(_ name: String) -> [Int]? {
        guard let attribute = node.attribute.first(where: { $0.name == name }) else { return nil }
        return attribute.ints.map { Int($0) }
    }
}

extension Onnx_NodeProto {
    /// Whether a second copy of the node, given the same inputs, calculates the same: so it may stand in two segments.
    ///
    /// Control flow is left out too: what its subgraphs do would have to be looked into.
    /// Of a local function it is the function's nodes that count.
    func isRepeatable(_ functions: FunctionLibrary) -> Bool {
        if let function = functions[self] { return function.isRepeatable }
        let isKnown = ["", "ai.onnx.ml", "com.microsoft"].contains(canonicalDomain)
        return isKnown && !Self.randomOperators.contains(opType) && subgraphs.isEmpty
    }

    /// Whether the operator is one of ONNX's own.
    var isStandard: Bool { ["", "ai.onnx.ml"].contains(canonicalDomain) }

    /// The inputs that hold a layer's trained weights where they are parameters; nil for all other operators.
    ///
    /// What only scales, shifts, normalises or shapes (`BatchNormalization`, `Add`, `Reshape`, ..) is not among them:
    /// the runtime folds such nodes into the layer before them, so that they belong in its block.
    var weightInputs: [String]? {
        guard let positions = Self.weightPositions[opType], canonicalDomain.isEmpty else { return nil }
        return positions.filter(input.indices.contains).map { input[$0] }
    }

    /// Whether the operator keeps trained weights in its attributes, as those of classical machine learning do.
    var hasWeightAttributes: Bool { domain == "ai.onnx.ml" }

    private static let randomOperators: Set = [
        "Bernoulli", "BiasDropout", "BitmaskBiasDropout", "BitmaskDropout", "Dropout", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
        "RandomUniformLike", "Sampling",
    ]

    private static let weightPositions: [String: [Int]] = [
        "Conv": [1], "ConvInteger": [1], "ConvTranspose": [1], "DeformConv": [1], "QLinearConv": [3],
        "Gemm": [0, 1], "MatMul": [0, 1], "MatMulInteger": [0, 1], "QLinearMatMul": [0, 3], "Einsum": [0, 1, 2, 3],
        "GRU": [1, 2], "LSTM": [1, 2], "RNN": [1, 2],
        "Gather": [0], "GatherElements": [0], "GatherND": [0],
    ]
}

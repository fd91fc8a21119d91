import ServingCore
import Testing

@testable import ModelCatalog

/// Every operator whose outputs are not all alike, or that numbers, counts, draws or gathers: what each of its outputs is.
struct RowRuleTableTests {
    /// What an output has to do with rows.
    enum Kind: String {
        case rows, mixed, unknown

        init(_ state: RowState) {
            switch state {
            case .rows: self = .rows
            case .mixed, .sizes: self = .mixed
            default: self = .unknown
            }
        }
    }

    /// An operator, the ranks of its inputs (0: a parameter of one element), what is set, and what each output is.
    struct Line: Sendable, CustomTestStringConvertible {
        var kind: String
        var ranks: [Int]
        var axis: Int64?
        var domain = ""
        var outputs: [Kind]

        init(_ kind: String, _ ranks: [Int], axis: Int64? = nil, domain: String = "", _ outputs: Kind...) {
            (self.kind, self.ranks, self.axis, self.domain, self.outputs) = (kind, ranks, axis, domain, outputs)
        }

        var testDescription: String { "\(kind) \(ranks) \(axis.map { "\($0)" } ?? "")" }
    }

    static let lines: [Line] = [
        // The second output counts elements through the whole batch.
        Line("MaxPool", [4], .rows, .mixed),
        Line("MaxUnpool", [4, 4], .mixed),
        Line("TopK", [2, 0], axis: 1, .rows, .rows),
        Line("TopK", [2, 0], axis: 0, .mixed, .mixed),
        Line("ArgMax", [2], axis: 0, .mixed),
        Line("ArgMax", [2], axis: 1, .rows),
        Line("ArgMin", [2], .mixed),
        Line("Unique", [2], .mixed, .mixed, .mixed, .mixed),
        Line("NonZero", [2], .mixed),
        Line("NonMaxSuppression", [3, 3], .mixed),
        Line("Compress", [2, 0], .mixed),
        // More than one output is training.
        Line("BatchNormalization", [4, 0, 0, 0, 0], .rows),
        Line("BatchNormalization", [4, 0, 0, 0, 0], .mixed, .mixed, .mixed),
        Line("Dropout", [2], .rows, .rows),
        Line("Dropout", [2, 0, 0], .unknown, .unknown),
        Line("LayerNormalization", [3, 0, 0], axis: -1, .rows, .rows, .rows),
        Line("LayerNormalization", [3, 0, 0], axis: 0, .mixed, .mixed, .mixed),
        Line("MeanVarianceNormalization", [4], .mixed),
        Line("LpNormalization", [2], axis: 0, .mixed),
        // Batches lie along their second dimension.
        Line("LSTM", [3, 0, 0], .mixed, .mixed, .mixed),
        Line("GRU", [3, 0, 0], .mixed, .mixed),
        Line("RNN", [3, 0, 0], .mixed, .mixed),
        Line("Loop", [2, 0, 2], .mixed, .mixed),
        Line("RandomNormalLike", [2], .mixed),
        Line("RandomUniformLike", [2], .mixed),
        Line("Bernoulli", [2], .mixed),
        Line("Multinomial", [2], .mixed),
        // One scale for all elements.
        Line("DynamicQuantizeLinear", [2], .mixed, .mixed, .mixed),
        Line("DynamicQuantizeMatMul", [2, 0], domain: "com.microsoft", .mixed),
        Line("QuantizeLinear", [2, 0, 0], .rows),
        Line("DequantizeLinear", [2, 0, 0], .rows),
        Line("CumSum", [2, 0], axis: 0, .mixed),
        Line("Split", [2], axis: 1, .rows, .rows),
        Line("Split", [2], axis: 0, .mixed, .mixed),
        Line("Softmax", [2], axis: 0, .mixed),
        Line("Hardmax", [2], axis: 0, .mixed),
        Line("LogSoftmax", [2], axis: 1, .rows),
        Line("Flatten", [3], axis: 0, .unknown),
        Line("Flatten", [3], axis: 1, .rows),
        Line("Concat", [2, 2], axis: 0, .mixed),
        Line("Gather", [2, 0], axis: 0, .mixed),
        Line("GatherElements", [2, 2], axis: 0, .mixed),
        Line("GatherElements", [2, 2], axis: 1, .unknown),
        Line("ScatterElements", [2, 2, 2], axis: 0, .mixed),
        Line("GatherND", [2, 2], .unknown),
        Line("ScatterND", [2, 2, 2], .unknown),
        Line("RoiAlign", [4, 2, 1], .mixed),
        Line("MaxRoiPool", [4, 2], .mixed),
        Line("EyeLike", [2], .mixed),
        Line("Trilu", [2], .mixed),
        Line("Trilu", [3], .rows),
        Line("SplitToSequence", [2], .mixed),
        Line("StringNormalizer", [1], .mixed),
        Line("Shape", [2], .mixed),
        Line("Size", [2], .mixed),
        Line("Reshape", [2, 2], .unknown),
        Line("Pad", [2, 0], .unknown),
        Line("Resize", [4, 0, 0], .unknown),
        Line("Tile", [2, 0], .unknown),
        Line("Expand", [2, 0], .unknown),
        Line("OneHot", [1, 0, 0], .unknown),
        Line("ReverseSequence", [2, 1], .unknown),
        Line("Einsum", [2, 2], .unknown),
        Line("Attention", [4, 4, 4], .unknown, .unknown, .unknown, .unknown),
        Line("Attention", [3, 0, 0], domain: "com.microsoft", .unknown, .unknown),
        Line("TfIdfVectorizer", [2], .unknown),
        Line("TreeEnsembleClassifier", [2], domain: "ai.onnx.ml", .unknown, .unknown),
        // What nobody wrote a rule for: neither an operator, nor a further output of one that has a rule.
        Line("Mystery", [2], .unknown, .unknown),
        Line("Relu", [2], .rows, .unknown),
        Line("GroupNormalization", [4, 0, 0], .rows, .unknown),
    ]

    @Test(arguments: lines)
    func `Each output has its own rule, and without one it is not known to have rows`(line: Line) throws {
        var builder = ModelBuilder(inputs: [], outputs: line.outputs.indices.map { "y\($0)" })
        var inputs: [String] = []
        for (index, rank) in line.ranks.enumerated() {
            inputs.append("x\(index)")
            if rank > 0 {
                builder.proto.graph.input.append(
                    ModelBuilder.value("x\(index)", shape: [-1] + Array(repeating: 4, count: rank - 1))
                )
            } else {
                var tensor = Onnx_TensorProto()
                tensor.name = "x\(index)"
                tensor.dims = []
                tensor.dataType = Int32(Onnx_TensorProto.DataType.int64.rawValue)
                tensor.int64Data = [line.axis ?? 1]
                builder.proto.graph.initializer.append(tensor)
            }
        }
        let outputs = line.outputs.indices.map { "y\($0)" }
        let attributes = line.axis.map { [ModelBuilder.attribute("axis", $0)] } ?? []
        builder.add(line.kind, inputs, outputs, domain: line.domain, attributes: attributes)
        for (index, kind) in line.outputs.enumerated() {
            builder.proto.graph.output = [ModelBuilder.value(outputs[index])]
            #expect(try Kind(RowAnalysis.state(of: builder.model())) == kind, "output \(index)")
        }
    }
}

/// Images that convolutions add to one after the other, so that all sums can lie in one place.
///
/// ONNX Runtime lets a convolution write its sum where the addend lay, and otherwise copies the addend first. It never
/// does so with inputs and outputs of a graph: a unit of residual blocks copies an image where it begins, and one where
/// it ends. Where all values of such a stream are outputs, whoever runs the unit can give one buffer for them all.
public struct ResidualStreams: Hashable, Sendable {
    /// One image and the sums that take its place.
    public struct Stream: Hashable, Sendable {
        /// The input of the graph that is added to first; nil where the image is made inside.
        public var input: String?
        /// The outputs of the graph that lie in one place, in the order they are written.
        public var outputs: [String]
    }

    /// Under what name a graph's metadata holds ``text``.
    public static let key = "gateway.residual_streams"
    /// How many outputs the graph has for those who use it; what follows are values of streams.
    public let outputCount: Int
    /// The streams.
    public let streams: [Stream]

    /// Reads what ``text`` wrote; nil where it is something else.
    public init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, let count = Int(first), count >= 0 else { return nil }
        outputCount = count
        streams = lines.dropFirst().map { line in
            let names = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Stream(input: names.first.flatMap { $0.isEmpty ? nil : $0 }, outputs: Array(names.dropFirst()))
        }
    }

    /// A line with the number of outputs, then one for each stream: its input or nothing, and its outputs, by tabs.
    public var text: String {
        ([String(outputCount)] + streams.map { ([$0.input ?? ""] + $0.outputs).joined(separator: "\t") })
            .joined(separator: "\n")
    }

    /// Finds the streams of an optimised graph that begin or end at its edge.
    init(_ graph: Onnx_GraphProto) {
        outputCount = graph.output.count
        let sums = ResidualSums(graph)
        let (given, wanted) = (Set(graph.input.map(\.name)), Set(graph.output.map(\.name)))
        let followers = Set(sums.next.values)
        streams = sums.next.keys.filter { !followers.contains($0) }.sorted().compactMap { head in
            var values = [head]
            while let next = values.last.flatMap({ sums.next[$0] }), values.count <= graph.node.count {
                values.append(next)
            }
            if given.contains(head) { return Stream(input: head, outputs: Array(values.dropFirst())) }
            // A buffer for what is made inside needs a size known beforehand.
            guard let last = values.last, wanted.contains(last), graph.hasSizesByInputSizes else { return nil }
            return Stream(input: nil, outputs: values)
        }
    }
}

extension Onnx_ModelProto {
    /// Makes all values of residual streams outputs, behind the model's own, and says so in the metadata.
    mutating func openResidualStreams() {
        let found = ResidualStreams(graph)
        guard !found.streams.isEmpty else { return }
        var known = Set(graph.output.map(\.name))
        for name in found.streams.flatMap(\.outputs) where known.insert(name).inserted {
            var value = Onnx_ValueInfoProto()
            value.name = name
            value.type.tensorType.elemType = Int32(Onnx_TensorProto.DataType.float.rawValue)
            graph.output.append(value)
        }
        var entry = Onnx_StringStringEntryProto()
        (entry.key, entry.value) = (ResidualStreams.key, found.text)
        metadataProps.append(entry)
    }
}

/// For each addend the sum that can be written over it.
private struct ResidualSums {
    private(set) var next: [String: String] = [:]
    private let graph: Onnx_GraphProto
    private var makers: [String: Int] = [:]

    init(_ graph: Onnx_GraphProto) {
        self.graph = graph
        var readers: [String: [Int]] = [:]
        for (index, node) in graph.node.enumerated() {
            for name in node.output { makers[name] = index }
            for name in Set((try? node.reads()) ?? []) { readers[name, default: []].append(index) }
        }
        let wanted = Set(graph.output.map(\.name))
        let given = Set(graph.input.map(\.name))
        for (index, node) in graph.node.enumerated() where node.isBlocked("Conv") && node.input.count == 4 {
            guard let addend = node.input.last, let sum = node.output.first, !addend.isEmpty,
                !node.input.dropLast().contains(addend), !wanted.contains(addend),
                given.contains(addend) || makers[addend].map({ graph.node[$0].isBlocked("Conv", "MaxPool") }) == true
            else { continue }
            // Whoever else reads the addend must have done so before: the sum depends on what it made. Operators of this
            // domain make tensors of their own, never views of what they read.
            let others = Set(readers[addend] ?? []).subtracting([index])
            guard others.allSatisfy({ graph.node[$0].domain == blockedDomain }),
                others.isSubset(of: ancestors(of: index))
            else { continue }
            next[addend] = sum
        }
    }

    /// The nodes that have run before `node` can.
    private func ancestors(of node: Int) -> Set<Int> {
        var found = Set<Int>()
        var open = [node]
        while let current = open.popLast() {
            for name in (try? graph.node[current].reads()) ?? [] {
                if let maker = makers[name], found.insert(maker).inserted { open.append(maker) }
            }
        }
        return found
    }
}

private let blockedDomain = "com.microsoft.nchwc"

extension Onnx_NodeProto {
    fileprivate func isBlocked(_ types: String...) -> Bool { domain == blockedDomain && types.contains(opType) }
}

extension Onnx_GraphProto {
    /// Whether the sizes of all values follow from those of the inputs, whatever these hold.
    fileprivate var hasSizesByInputSizes: Bool {
        let types: Set<String> = [
            "Conv", "FusedConv", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "ReorderInput",
            "ReorderOutput", "Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid", "Clip", "Add", "Mul", "Sum",
            "Concat",
            "BatchNormalization", "Flatten", "Gemm", "Softmax",
        ]
        return node.allSatisfy { types.contains($0.opType) }
    }
}

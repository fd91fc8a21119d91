public import ServingCore

/// How many channels the inputs and outputs of a block have that gain from the blocked layout; nil for all others.
///
/// ONNX Runtime's convolutions work on images whose channels lie in groups of 8 or 16 (`NCHWc`), and convert at the edges
/// of a graph. Where a tensor goes from one convolution to another, the two conversions undo each other.
struct EdgeChannels: Hashable, Sendable {
    /// For each input of the block.
    var inputs: [Int?]
    /// For each output of the block.
    var outputs: [Int?]

    /// States them.
    init(inputs: [Int?], outputs: [Int?]) {
        self.inputs = inputs
        self.outputs = outputs
    }

    /// Every size of a group divides this: 8 with AVX2, 16 with AVX-512 and NEON.
    private static let multiple = 16

    init(_ graph: Onnx_GraphProto) {
        let reading = Set(graph.node.filter { $0.isConvolution }.flatMap { $0.input.prefix(1) })
        let makers = Dictionary(graph.node.flatMap { node in node.output.map { ($0, node) } }) { first, _ in first }
        inputs = graph.input.map { reading.contains($0.name) ? Self.channels(of: $0) : nil }
        outputs = graph.output.map { Self.isConvolved($0.name, makers) ? Self.channels(of: $0) : nil }
    }

    /// The channels of an image in single precision whose channels fill whole groups.
    private static func channels(of value: Onnx_ValueInfoProto) -> Int? {
        guard let type = value.specification, type.datatype == .float32, type.shape.count == 4, type.shape[1] > 0,
            type.shape[1].isMultiple(of: multiple)
        else { return nil }
        return type.shape[1]
    }

    /// Whether a value comes out of a convolution, or of operators on its elements alone that follow one.
    private static func isConvolved(_ name: String, _ makers: [String: Onnx_NodeProto]) -> Bool {
        var open = [name]
        var seen = Set<String>()
        while let name = open.popLast() {
            guard seen.insert(name).inserted, let node = makers[name] else { continue }
            if node.isConvolution { return true }
            if node.keepsLayout { open += node.input }
        }
        return false
    }
}

extension Onnx_NodeProto {
    /// Whether ONNX Runtime has the operator for the blocked layout: convolutions, and pooling beside them.
    fileprivate var isConvolution: Bool {
        let types = ["Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool"]
        return canonicalDomain.isEmpty && types.contains(opType)
    }

    /// Whether it goes by elements, and ONNX Runtime leaves the layout of what it reads alone.
    fileprivate var keepsLayout: Bool {
        let types = ["Add", "Sum", "Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid"]
        return canonicalDomain.isEmpty && types.contains(opType)
    }
}

extension BlockStore {
    /// The edges of a block, from its file; nil where it cannot be read: whoever loads it will say why.
    ///
    /// - Complexity: O(nodes + weights), whatever the weights' bytes.
    func edgeChannels(of block: BlockID) -> EdgeChannels? {
        guard let file = try? MappedFile("\(block.hash).onnx", in: layout.blocks) else { return nil }
        // With weights in other files it stays a unit by itself, and as it is.
        return file.withUnsafeBytes { GraphOutline.graph(in: $0) }
            .flatMap { DetachedWeight.names(in: $0).isEmpty ? EdgeChannels($0) : nil }
    }

    /// `models` with neighbours joined; `blocksLayouts` says whether tensors between convolutions stay in their layout.
    ///
    /// - Complexity: O(s log s) for s steps in all, and the outline of each block where layouts are kept.
    public func fused(_ models: [ServableModel], blocksLayouts: Bool) -> FusedCatalog {
        let fused = FusedCatalog(models)
        guard blocksLayouts else { return fused }
        return fused.blockingLayouts(edgeChannels)
    }

    /// Every block and unit that these models may be loaded as, by whatever engine.
    func loadedBlocks(of models: [ServableModel]) -> Set<BlockID> {
        let plain = FusedCatalog(models)
        let blocked = plain.blockingLayouts(edgeChannels)
        return Set(models.flatMap(\.blocks).map(\.id)).union(plain.units.keys).union(blocked.units.keys)
    }
}

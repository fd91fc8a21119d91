/// At which tensors a model has to be cut so that all weights it has in common with others lie in blocks of their own.
///
/// A layer is common where all its weights are in every other model, bit by bit. What lies between a layer with other weights and the next
/// common one goes with the former. Cuts are what the one kind hands to the other: low-rank branches beside frozen
/// layers (LoRA), for one, are cut off from these.
public struct CutAdvice: Sendable {
    /// The tensors' names, in the order of the flow; ``BlockStore/importModel(from:name:version:types:trials:cuts:blockByteLimit:)``
    /// takes them.
    public let tensors: [String]

    /// Looks at the files at `paths`, and advises on the first.
    ///
    /// Throws ``CatalogError`` where one cannot be read or is not a model.
    public init(forFirstOf paths: [String]) throws(CatalogError) {
        var models: [ONNXModel] = []
        for path in paths { models.append(try ONNXModel(readingFrom: path, byteLimit: BlockStore.modelByteLimit)) }
        guard let first = models.first else {
            tensors = []
            return
        }
        tensors = try Self.tensors(of: first, besides: models.dropFirst()).map(first.original)
    }

    /// The tensors of `model` where what it has in common with all `others` begins and ends.
    static func tensors(of model: ONNXModel, besides others: some Sequence<ONNXModel>) throws(CatalogError) -> [String]
    {
        let graph = try FlowGraph(model)
        let foreign = Self.foreign(in: model, others)
        var own = Set<String>()
        var isOwn = Set<Int>()
        for node in graph.layers {
            let reads = graph.layerReads(of: node)
            let parameters = Self.parameters(of: node, graph)
            let follows = !graph.weighted.contains(node) && reads.contains(where: own.contains)
            guard follows || !parameters.isDisjoint(with: foreign) else { continue }
            isOwn.insert(node)
            own.formUnion(graph.writes(of: node))
        }
        var crossing = Set<String>()
        for node in graph.layers {
            for name in graph.layerReads(of: node) where own.contains(name) != isOwn.contains(node) {
                crossing.insert(name)
            }
        }
        let handed = graph.layers.flatMap(graph.writes).filter { crossing.contains($0) && !graph.isDequantized($0) }
        return handed.filter { !graph.outputs.contains($0) && !$0.contains(",") }
    }

    /// The weights of `model` that not all `others` have.
    private static func foreign(in model: ONNXModel, _ others: some Sequence<ONNXModel>) -> Set<String> {
        var names = Set<String>()
        let all = others.map { Set(weights(of: $0).map(\.key)) }
        for (key, name) in weights(of: model) where !all.allSatisfy({ $0.contains(key) }) { names.insert(name) }
        return names
    }

    private static func weights(of model: ONNXModel) -> [(key: String, name: String)] {
        let tensors = model.proto.graph.initializer + model.proto.graph.node.compactMap(\.constantTensor)
        return tensors.compactMap { tensor in
            guard tensor.storedByteCount >= BlockWeights.settingByteLimit || tensor.isVector,
                let dense = try? tensor.dense()
            else { return nil }
            return (BlockWeights.key(of: dense), tensor.name)
        }
    }

    /// The constants that a node reads, or that what it reads is calculated from.
    private static func parameters(of node: Int, _ graph: FlowGraph) -> Set<String> {
        var (found, open) = (Set<String>(), graph.nodes.reads[node].filter(graph.isParameter))
        while let name = open.popLast() {
            guard found.insert(name).inserted, let producer = graph.nodes.producers[name] else { continue }
            open += graph.nodes.reads[producer]
        }
        return found
    }
}

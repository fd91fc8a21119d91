/// Tensors at which a model is cut besides where it would be cut anyway, since a file or an import names them.
///
/// Of a part in which such a tensor is calculated, what it depends on becomes a part of its own. Whatever else the rest of the part reads
/// of that crosses, too.
struct DeclaredCuts {
    /// The key of a file's metadata that names tensors, with commas between them.
    static let metadataKey = "partial_loading.cut"

    /// The tensors that are named.
    let names: [String]

    /// None.
    static let none = DeclaredCuts(names: [])

    private init(names: [String]) {
        self.names = names
    }

    /// Those that `stated` names, else those of the metadata of `model`; names are those of the file.
    init(_ stated: [String]?, of model: ONNXModel) {
        let listed = model.proto.metadataProps.first { $0.key == Self.metadataKey }?.value
        let named = stated ?? listed.map(Self.list) ?? []
        var seen = Set<String>()
        names = named.filter { seen.insert($0).inserted }.map(model.internalName)
    }

    /// The names in a list with commas between them.
    static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimming(" \t\n") }.filter { !$0.isEmpty }
    }

    /// Throws where a name is no tensor between layers of `graph`; all such names are in the message, as `original` writes them.
    func check(_ graph: FlowGraph, _ original: (String) -> String) throws(CatalogError) {
        let problems = names.compactMap { name in problem(with: name, in: graph).map { "'\(original(name))' \($0)" } }
        guard !problems.isEmpty else { return }
        throw CatalogError(
            .unsupportedModel,
            "the model cannot be cut as declared: \(problems.joined(separator: ", "))"
        )
    }

    private func problem(with name: String, in graph: FlowGraph) -> String? {
        if graph.isParameter(name) { return "is a parameter" }
        if graph.inputs.contains(name) { return "is an input of the model" }
        guard let producer = graph.nodes.producers[name] else { return "is no tensor of the model" }
        if graph.isPreparation(name) { return "is calculated without weights" }
        guard graph.layers.contains(producer) else { return "is not needed for any output" }
        return graph.isDequantized(name) ? "is written by DequantizeLinear: the quantised tensor crosses" : nil
    }

    /// `parts` of the layers of `graph`, each after those it reads from, cut at the named tensors as well.
    /// - Complexity: O(reads × names).
    func cut(_ parts: [[Int]], of graph: FlowGraph) -> [[Int]] {
        guard !names.isEmpty else { return parts }
        let producers = Set(names.compactMap { graph.nodes.producers[$0] })
        return parts.flatMap { part in
            var (rest, result) = (part, [[Int]]())
            for producer in graph.layers where producers.contains(producer) && part.contains(producer) {
                let needed = Self.needed(by: producer, among: Set(rest), graph)
                guard needed.count < rest.count, !needed.isEmpty else { continue }
                result.append(rest.filter(needed.contains))
                rest.removeAll(where: needed.contains)
            }
            return result + [rest]
        }
    }

    /// The layers among `members` that `layer` depends on, and itself; none where it is no member.
    private static func needed(by layer: Int, among members: Set<Int>, _ graph: FlowGraph) -> Set<Int> {
        var (found, open) = (Set<Int>(), [layer])
        while let next = open.popLast() {
            guard members.contains(next), found.insert(next).inserted else { continue }
            open += graph.layerReads(of: next).compactMap { graph.nodes.producers[$0] }
        }
        return found
    }
}

extension Substring {
    /// Without `characters` at its ends.
    fileprivate func trimming(_ characters: String) -> String {
        var rest = self[...]
        while let first = rest.first, characters.contains(first) { rest.removeFirst() }
        while let last = rest.last, characters.contains(last) { rest.removeLast() }
        return String(rest)
    }
}

import Crypto
import FoundationEssentials
import SwiftProtobuf

/// A model's local functions, each under a name that follows from what it does.
///
/// Two models' functions with the same content get the same name, whatever their files call them.
struct FunctionLibrary {
    /// What a node names a function by.
    struct Key: Hashable {
        let domain: String
        let name: String
        let overload: String

        init(_ node: Onnx_NodeProto) {
            (domain, name, overload) = (node.canonicalDomain, node.opType, node.overload)
        }

        init(_ function: Onnx_FunctionProto) {
            domain = function.domain == "ai.onnx" ? "" : function.domain
            (name, overload) = (function.name, function.overload)
        }
    }

    /// One function, in canonical form.
    struct Entry {
        /// The function as blocks hold it; its name is a digest of everything else.
        let function: Onnx_FunctionProto
        /// The canonical names of the functions it calls, those they call included, and its own.
        let closure: Set<String>
        /// Whether a second call with the same inputs gives the same.
        let isRepeatable: Bool
        /// Whether constants in it hold a layer's weights.
        let holdsWeights: Bool
    }

    /// The domain that all functions of blocks are in.
    static let domain = "local"
    /// Constants of more bytes than this are weights, not settings.
    static let settingByteLimit = 4096

    private let entries: [Key: Entry]
    private let byName: [String: Entry]

    /// Whether there are none.
    var isEmpty: Bool { entries.isEmpty }

    /// A library without functions.
    static let empty = FunctionLibrary()

    private init() {
        (entries, byName) = ([:], [:])
    }

    /// Reads the functions of a model; throws where two have one name, or one calls itself.
    init(_ functions: [Onnx_FunctionProto]) throws(CatalogError) {
        var builder = FunctionLibraryBuilder()
        for function in functions {
            guard builder.sources.updateValue(function, forKey: Key(function)) == nil else {
                throw CatalogError(.invalidModel, "function '\(function.name)' is defined twice")
            }
        }
        for function in functions { _ = try builder.entry(of: Key(function)) }
        entries = builder.entries
        byName = Dictionary(builder.entries.values.map { ($0.function.name, $0) }) { first, _ in first }
    }

    /// The function that a node calls; nil for an operator.
    subscript(_ node: Onnx_NodeProto) -> Entry? { entries.isEmpty ? nil : entries[Key(node)] }

    /// The functions that `nodes`, which are in canonical form, need: by name.
    func needed(by graph: Onnx_GraphProto) throws(CatalogError) -> [Onnx_FunctionProto] {
        guard !entries.isEmpty else { return [] }
        var names = Set<String>()
        try graph.forEachNode { node throws(CatalogError) in
            if node.domain == Self.domain, let entry = byName[node.opType] { names.formUnion(entry.closure) }
        }
        return names.sorted().compactMap { byName[$0]?.function }
    }

    /// A library as far as it is built.
    fileprivate init(entries: [Key: Entry]) {
        self.entries = entries
        byName = [:]
    }
}

/// Builds the entries, callees first.
private struct FunctionLibraryBuilder {
    var sources: [FunctionLibrary.Key: Onnx_FunctionProto] = [:]
    private(set) var entries: [FunctionLibrary.Key: FunctionLibrary.Entry] = [:]
    private var open: Set<FunctionLibrary.Key> = []

    mutating func entry(of key: FunctionLibrary.Key) throws(CatalogError) -> FunctionLibrary.Entry? {
        if let entry = entries[key] { return entry }
        guard let source = sources[key] else { return nil }
        guard open.insert(key).inserted, open.count <= 64 else {
            throw CatalogError(.invalidModel, "function '\(source.name)' calls itself, or others too deep")
        }
        var callees: [FunctionLibrary.Entry] = []
        for node in try source.allNodes() {
            if let callee = try entry(of: FunctionLibrary.Key(node)) { callees.append(callee) }
        }
        let entry = try make(source, callees: callees)
        entries[key] = entry
        open.remove(key)
        return entry
    }

    private func make(
        _ source: Onnx_FunctionProto,
        callees: [FunctionLibrary.Entry]
    ) throws(CatalogError) -> FunctionLibrary.Entry {
        let library = FunctionLibrary(entries: entries)
        let nodes = try source.allNodes()
        var bytes = 0
        for attribute in nodes.flatMap(\.attribute) {
            try attribute.forEachTensor { tensor throws(CatalogError) in bytes += tensor.storedByteCount }
        }
        let function = try source.canonical(library)
        return FunctionLibrary.Entry(
            function: function,
            closure: callees.reduce(into: [function.name]) { $0.formUnion($1.closure) },
            isRepeatable: nodes.allSatisfy { $0.isRepeatable(library) },
            holdsWeights: bytes > FunctionLibrary.settingByteLimit || callees.contains(where: \.holdsWeights)
        )
    }
}

extension Onnx_FunctionProto {
    /// Every node, those of subgraphs included.
    fileprivate func allNodes() throws(CatalogError) -> [Onnx_NodeProto] {
        var graph = Onnx_GraphProto()
        graph.node = node
        var result: [Onnx_NodeProto] = []
        try graph.forEachNode { node throws(CatalogError) in result.append(node) }
        return result
    }

    /// The function with names that follow from its content; its attributes keep theirs, since callers use them.
    fileprivate func canonical(_ functions: FunctionLibrary) throws(CatalogError) -> Onnx_FunctionProto {
        let graph = try NodeGraph(node)
        var names = CanonicalNames(outputs: [], functions: functions)
        for name in input { names.addInput(name) }
        for name in output { names.addInner(name) }
        var result = Onnx_FunctionProto()
        for index in try graph.order(reaching: output) {
            for name in graph.nodes[index].output { names.addInner(name) }
            result.node.append(try graph.nodes[index].canonical(&names))
        }
        result.input = input.map { names[$0] }
        result.output = output.map { names[$0] }
        result.attribute = attribute
        result.attributeProto = try attributeProto.sorted { $0.name < $1.name }
            .map { attribute throws(CatalogError) in try attribute.canonical(&names) }
        result.domain = FunctionLibrary.domain
        result.opsetImport = opsetImport.map(\.canonical).sorted { $0.domain < $1.domain }
        if result.node.contains(where: { $0.domain == FunctionLibrary.domain }) {
            result.opsetImport.removeAll { $0.domain == FunctionLibrary.domain }
            result.opsetImport.append(.local)
        }
        do {
            result.name = "f" + SHA256.hash(data: try result.serializedData() as Data).hexadecimal.prefix(32)
        } catch {
            throw CatalogError(.unsupportedModel, "function '\(name)' cannot be written down: \(error)")
        }
        return result
    }
}

extension Onnx_OperatorSetIdProto {
    /// The set under the one name its domain has in blocks.
    var canonical: Onnx_OperatorSetIdProto {
        var result = Onnx_OperatorSetIdProto()
        result.domain = domain == "ai.onnx" ? "" : domain
        result.version = version
        return result
    }

    /// The set of all functions in blocks.
    static var local: Onnx_OperatorSetIdProto {
        var result = Onnx_OperatorSetIdProto()
        result.domain = FunctionLibrary.domain
        result.version = 1
        return result
    }
}

import Crypto
import FoundationEssentials
import ServingCore
import SwiftProtobuf

/// An ONNX file that was read, with all its weights.
struct ONNXModel {
    /// The file's content as it is.
    let data: Data
    /// SHA-256 of the content in lower-case hexadecimal.
    let sha256: String
    /// The file's content, decoded, with the weights that lie in other files in their places; its names as
    /// ``PlainNames`` writes them where some are not ASCII.
    private(set) var proto: Onnx_ModelProto
    /// Whether ``proto`` says other names or texts than the file.
    let isRewritten: Bool
    private let hasForeignNames: Bool
    /// Whether some of its weights lie in other files.
    let hasExternalData: Bool
    /// What the file and the weights in other files take, in bytes.
    let byteCount: Int

    /// Reads the file at `path`, which must be a regular file of at most `byteLimit` bytes.
    ///
    /// Weights in other files stay there: these are mapped into memory, and must not be changed meanwhile.
    init(readingFrom path: String, byteLimit: Int) throws(CatalogError) {
        let data = try RegularFile(path, followsLinks: true).read(atMost: byteLimit)
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        try self.init(data, named: path, folder: folder)
    }

    /// Decodes `data`; `name` is what messages call it. Weights in other files are looked for in `folder`.
    init(_ data: Data, named name: String, folder: String? = nil) throws(CatalogError) {
        var (proto, isRepaired) = try Self.decode(data, named: name)
        var external = ExternalData(folder: folder)
        try external.resolve(&proto)
        hasForeignNames = proto.hasForeignNames
        if hasForeignNames { proto.mapNames(PlainNames.escaped) }
        isRewritten = isRepaired || hasForeignNames
        self.proto = proto
        hasExternalData = external.byteCount > 0
        byteCount = data.count + external.byteCount
        self.data = data
        sha256 = SHA256.hash(data: data).hexadecimal
        guard proto.hasGraph, !proto.graph.output.isEmpty else {
            throw CatalogError(.invalidModel, "\(name): not an ONNX model: it has no graph with outputs")
        }
        guard !proto.opsetImport.isEmpty else {
            throw CatalogError(.invalidModel, "\(name): not an ONNX model: it names no operator set")
        }
    }

    private static func decode(
        _ data: Data,
        named name: String
    ) throws(CatalogError) -> (proto: Onnx_ModelProto, isRepaired: Bool) {
        do {
            return (try Onnx_ModelProto(serializedBytes: data), false)
        } catch BinaryDecodingError.invalidUTF8 {
            return (try repaired(data, named: name), true)
        } catch {
            throw CatalogError(.invalidModel, "\(name): not an ONNX model")
        }
    }

    private static func repaired(_ data: Data, named name: String) throws(CatalogError) -> Onnx_ModelProto {
        do {
            return try Onnx_ModelProto(serializedBytes: TextRepair(data).data)
        } catch let error as CatalogError {
            throw CatalogError(.invalidModel, "\(name): \(error.message)")
        } catch {
            throw CatalogError(.invalidModel, "\(name): not an ONNX model")
        }
    }

    /// The same file, read as `proto` instead.
    func reading(_ proto: Onnx_ModelProto) -> ONNXModel {
        var result = self
        result.proto = proto
        return result
    }

    /// A name as the file has it.
    func original(_ name: String) -> String { hasForeignNames ? PlainNames.restored(name) : name }

    /// A name of the file as ``proto`` has it.
    func internalName(_ name: String) -> String { hasForeignNames ? PlainNames.escaped(name) : name }

    /// The model as a runtime reads it, with the file's own names and all weights in it.
    var reference: Onnx_ModelProto {
        guard hasForeignNames else { return proto }
        var result = proto
        result.mapNames(PlainNames.restored)
        return result
    }

    /// The names of the inputs that a request has to bring: those that have no initialiser as their default.
    var inputs: [Onnx_ValueInfoProto] {
        let defaults = Set(proto.graph.initializer.map(\.name) + proto.graph.sparseInitializer.map(\.values.name))
        return proto.graph.input.filter { !defaults.contains($0.name) }
    }

    /// Why the model cannot be taken apart and is stored as it is, nil where it can be.
    func reasonToKeepWhole() throws(CatalogError) -> String? {
        proto.trainingInfo.isEmpty ? nil : "the model has training information"
    }

    /// The domains of its operators that are neither ONNX's own nor those of its functions, in order.
    func foreignDomains() throws(CatalogError) -> [String] {
        let own = Set(proto.functions.map { FunctionLibrary.Key($0) })
        var found = Set<String>()
        let note = { (node: Onnx_NodeProto) throws(CatalogError) in
            if !node.isStandard, !own.contains(FunctionLibrary.Key(node)) { found.insert(node.canonicalDomain) }
        }
        try proto.graph.forEachNode(note)
        for function in proto.functions {
            var body = Onnx_GraphProto()
            body.node = function.node
            try body.forEachNode(note)
        }
        return found.sorted()
    }
}

extension SHA256Digest {
    /// The digest in lower-case hexadecimal.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

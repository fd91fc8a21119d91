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
    /// The file's content, decoded, with the weights that lie in other files in their places.
    let proto: Onnx_ModelProto
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
        var proto: Onnx_ModelProto
        do {
            proto = try Onnx_ModelProto(serializedBytes: data)
        } catch {
            throw CatalogError(.invalidModel, "\(name): not an ONNX model: \(error)")
        }
        var external = ExternalData(folder: folder)
        try external.resolve(&proto)
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

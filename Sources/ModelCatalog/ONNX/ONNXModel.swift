import Crypto
import FoundationEssentials
import ServingCore
import SwiftProtobuf

/// An ONNX file that was read and found to be whole in itself.
struct ONNXModel {
    /// The file's content as it is.
    let data: Data
    /// SHA-256 of the content in lower-case hexadecimal.
    let sha256: String
    /// The file's content, decoded.
    let proto: Onnx_ModelProto

    /// Reads the file at `path`, which must be a regular file of at most `byteLimit` bytes.
    init(readingFrom path: String, byteLimit: Int) throws(CatalogError) {
        try self.init(RegularFile(path, followsLinks: true).read(atMost: byteLimit), named: path)
    }

    /// Decodes `data`; `name` is what messages call it.
    init(_ data: Data, named name: String) throws(CatalogError) {
        do {
            proto = try Onnx_ModelProto(serializedBytes: data)
        } catch {
            throw CatalogError(.invalidModel, "\(name): not an ONNX model: \(error)")
        }
        self.data = data
        sha256 = SHA256.hash(data: data).hexadecimal
        guard proto.hasGraph, !proto.graph.output.isEmpty else {
            throw CatalogError(.invalidModel, "\(name): not an ONNX model: it has no graph with outputs")
        }
        guard !proto.opsetImport.isEmpty else {
            throw CatalogError(.invalidModel, "\(name): not an ONNX model: it names no operator set")
        }
        try refuseExternalData()
    }

    /// The names of the inputs that a request has to bring: those that have no initialiser as their default.
    var inputs: [Onnx_ValueInfoProto] {
        let defaults = Set(proto.graph.initializer.map(\.name) + proto.graph.sparseInitializer.map(\.values.name))
        return proto.graph.input.filter { !defaults.contains($0.name) }
    }

    /// Why the model cannot be taken apart and is stored as it is, nil where it can be.
    func reasonToKeepWhole() throws(CatalogError) -> String? {
        if !proto.functions.isEmpty { return "the model has local functions" }
        if !proto.trainingInfo.isEmpty { return "the model has training information" }
        if proto.graph.hasSparseTensors { return "the model has sparse tensors" }
        var foreign: String?
        try proto.graph.forEachNode { node throws(CatalogError) in
            if !Self.standardDomains.contains(node.canonicalDomain) { foreign = foreign ?? node.canonicalDomain }
        }
        return foreign.map { "the model has operators of domain '\($0)'" }
    }

    private static let standardDomains: Set = ["", "ai.onnx.ml"]

    private func refuseExternalData() throws(CatalogError) {
        let refuse = { (tensor: Onnx_TensorProto) throws(CatalogError) in
            guard tensor.isExternal else { return }
            throw CatalogError(
                .unsupportedModel,
                "tensor '\(tensor.name)' lies in another file: models with external data are not supported yet"
            )
        }
        try proto.graph.forEachTensor(refuse)
        for function in proto.functions {
            for attribute in function.node.flatMap(\.attribute) { try attribute.forEachTensor(refuse) }
        }
        for training in proto.trainingInfo {
            try training.initialization.forEachTensor(refuse)
            try training.algorithm.forEachTensor(refuse)
        }
    }
}

extension SHA256Digest {
    /// The digest in lower-case hexadecimal.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

import Crypto
import FoundationEssentials
import ServingCore
import SwiftProtobuf

/// A segment as a model of its own, in a form in which equal structure and weights give equal bytes.
struct CanonicalBlock {
    /// The file's content.
    let data: Data
    /// The names, in the model it was cut from, of the block's inputs, in the block's order.
    let inputs: [String]
    /// The names, in the model it was cut from, of the block's outputs, in the block's order.
    let outputs: [String]
    /// What its parameters take, in bytes.
    let parameterByteCount: Int

    /// Writes down a model built by ``SegmentCanonicalizer``.
    init(_ model: Onnx_ModelProto, inputs: [String], outputs: [String]) throws(CatalogError) {
        data = try Self.data(of: model, what: "a block of the model")
        self.inputs = inputs
        self.outputs = outputs
        parameterByteCount = try model.graph.parameterByteCount()
    }

    /// A model file that is kept as it is, as one block; weights in other files are put in.
    init(whole model: ONNXModel) throws(CatalogError) {
        data = model.hasExternalData ? try Self.data(of: model.proto, what: "the model, which is one block,") : model.data
        inputs = model.inputs.map(\.name)
        outputs = model.proto.graph.output.map(\.name)
        parameterByteCount = try model.proto.graph.parameterByteCount()
    }

    /// The bytes of `model`; throws where they are more than one ONNX file can have.
    private static func data(of model: Onnx_ModelProto, what: String) throws(CatalogError) -> Data {
        let limit = BlockStore.modelByteLimit
        let byteCount = try model.graph.parameterByteCount()
        guard byteCount <= limit else {
            throw CatalogError(
                .unsupportedModel,
                "\(what) has \(byteCount) bytes of weights: a block is one ONNX file, which holds at most \(limit)"
            )
        }
        do {
            return try model.serializedData()
        } catch {
            throw CatalogError(.unsupportedModel, "\(what) cannot be written down: \(error)")
        }
    }

    /// The block's id: SHA-256 of its content.
    var id: BlockID { BlockID(SHA256.hash(data: data).hexadecimal) }
}

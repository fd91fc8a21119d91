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
        do {
            data = try model.serializedData()
        } catch {
            throw CatalogError(.unsupportedModel, "a block of the model cannot be written down: \(error)")
        }
        self.inputs = inputs
        self.outputs = outputs
        parameterByteCount = try model.graph.parameterByteCount()
    }

    /// A model file that is kept as it is, as one block.
    init(whole model: ONNXModel) throws(CatalogError) {
        data = model.data
        inputs = model.inputs.map(\.name)
        outputs = model.proto.graph.output.map(\.name)
        parameterByteCount = try model.proto.graph.parameterByteCount()
    }

    /// The block's id: SHA-256 of its content.
    var id: BlockID { BlockID(SHA256.hash(data: data).hexadecimal) }
}

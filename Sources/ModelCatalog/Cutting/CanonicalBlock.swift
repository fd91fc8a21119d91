import Crypto
import FoundationEssentials
import ServingCore
import SwiftProtobuf

/// A segment as a model of its own, in a form in which equal structure and weights give equal bytes.
struct CanonicalBlock {
    /// The file's content.
    let data: Data
    /// Weights that lie beside the file, as all would be too much for one.
    let weights: [DetachedWeight]
    /// The names, in the model it was cut from, of the block's inputs, in the block's order.
    let inputs: [String]
    /// The names, in the model it was cut from, of the block's outputs, in the block's order.
    let outputs: [String]
    /// The names, in the model it was cut from, of the block's initialisers, in the block's order.
    let weightNames: [String]
    /// What it is likely to take in memory, in bytes: parameters, and what else its nodes hold.
    let memoryByteCount: Int

    /// Writes down a model built by ``SegmentCanonicalizer``; weights of more than `byteLimit` bytes together beside it.
    init(
        _ model: Onnx_ModelProto,
        inputs: [String],
        outputs: [String],
        weightNames: [String],
        byteLimit: Int
    ) throws(CatalogError) {
        (data, weights) = try Self.content(of: model, what: "a block of the model", byteLimit)
        self.inputs = inputs
        self.outputs = outputs
        self.weightNames = weightNames
        memoryByteCount = try model.graph.memoryByteCount()
    }

    /// A model file that is kept as it is, as one block; weights in other files are put in, names in ASCII.
    init(whole model: ONNXModel, byteLimit: Int) throws(CatalogError) {
        (data, weights) =
            model.hasExternalData || model.isRewritten
            ? try Self.content(of: model.proto, what: "the model, which is one block,", byteLimit) : (model.data, [])
        inputs = model.inputs.map(\.name)
        outputs = model.proto.graph.output.map(\.name)
        weightNames = model.proto.graph.initializer.map(\.name)
        memoryByteCount = try model.proto.graph.memoryByteCount()
    }

    /// The bytes of `model`, and the weights beside it; throws where what is left is more than one ONNX file can have.
    private static func content(
        of model: Onnx_ModelProto,
        what: String,
        _ byteLimit: Int
    ) throws(CatalogError) -> (data: Data, weights: [DetachedWeight]) {
        var model = model
        var weights: [DetachedWeight] = []
        if try model.graph.parameterByteCount() > byteLimit {
            weights = DetachedWeight.detach(from: &model.graph, byteLimit: byteLimit)
        }
        let byteCount = try model.graph.parameterByteCount()
        guard byteCount <= byteLimit else {
            throw CatalogError(
                .unsupportedModel,
                "\(what) has \(byteCount) bytes of weights that are small or inside of subgraphs: an ONNX file holds at most "
                    + "\(byteLimit) of them"
            )
        }
        do {
            return (try model.serializedData(), weights)
        } catch {
            throw CatalogError(.unsupportedModel, "\(what) cannot be written down: \(error)")
        }
    }

    /// The bytes of `model`, weights included.
    static func data(of model: Onnx_ModelProto) throws(CatalogError) -> Data {
        do {
            return try model.serializedData()
        } catch {
            throw CatalogError(.unsupportedModel, "the model cannot be written down as one file: \(error)")
        }
    }

    /// The block's id: SHA-256 of its content.
    var id: BlockID { BlockID(SHA256.hash(data: data).hexadecimal) }
}

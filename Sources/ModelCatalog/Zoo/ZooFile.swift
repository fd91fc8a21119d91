import Foundation
import SwiftProtobuf

/// Writes one network as an ONNX file, layer by layer.
///
/// Parts of a protobuf message that are written one after the other are one message with all of their fields, so that
/// no more than one layer's weights has to be in memory.
struct ZooFile {
    private let path: String

    init(_ path: String) {
        self.path = path
    }

    /// Writes `network` with the weights that `generator` makes for each layer.
    func write(
        _ network: ResNetArchitecture,
        generator: (ResNetArchitecture.Layer) -> ZooGenerator
    ) throws {
        let temporary = path + ".part"
        guard FileManager.default.createFile(atPath: temporary, contents: nil),
            let file = FileHandle(forWritingAtPath: temporary)
        else { throw CocoaError(.fileWriteUnknown) }
        defer { try? file.close() }
        try file.write(contentsOf: header(network).serializedData())
        for layer in network.layers {
            var generator = generator(layer)
            try file.write(contentsOf: part(Self.weight(of: layer, &generator)).serializedData())
            try file.write(contentsOf: part(Self.bias(of: layer, &generator)).serializedData())
        }
        guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    private func header(_ network: ResNetArchitecture) -> Onnx_ModelProto {
        var model = Onnx_ModelProto()
        model.irVersion = 8
        model.producerName = "gateway zoo"
        var set = Onnx_OperatorSetIdProto()
        set.version = 17
        model.opsetImport = [set]
        model.graph = network.graph
        return model
    }

    private func part(_ tensor: Onnx_TensorProto) -> Onnx_ModelProto {
        var model = Onnx_ModelProto()
        model.graph.initializer = [tensor]
        return model
    }

    /// He et al., "Delving Deep into Rectifiers": the variance that keeps the size of activations.
    private static func weight(
        of layer: ResNetArchitecture.Layer,
        _ generator: inout ZooGenerator
    ) -> Onnx_TensorProto {
        let bound = (6 / Float(layer.fanIn)).squareRoot() * layer.gain
        return tensor("\(layer.name).weight", layer.shape, bound: bound, &generator)
    }

    private static func bias(
        of layer: ResNetArchitecture.Layer,
        _ generator: inout ZooGenerator
    ) -> Onnx_TensorProto {
        tensor("\(layer.name).bias", [layer.shape[0]], bound: 0.05, &generator)
    }

    private static func tensor(
        _ name: String,
        _ shape: [Int],
        bound: Float,
        _ generator: inout ZooGenerator
    ) -> Onnx_TensorProto {
        var tensor = Onnx_TensorProto()
        tensor.name = name
        tensor.dataType = Int32(Onnx_TensorProto.DataType.float.rawValue)
        tensor.dims = shape.map(Int64.init)
        var data = Data(count: shape.reduce(4, *))
        data.withUnsafeMutableBytes { generator.fill($0.bindMemory(to: Float.self), bound: bound) }
        tensor.rawData = data
        return tensor
    }
}

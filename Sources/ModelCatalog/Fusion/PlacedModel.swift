import FoundationEssentials
public import ServingCore
import SwiftProtobuf

/// An ONNX model whose large weights were taken out of the graph, to lie aligned in one file beside it.
///
/// The file starts with the weights a runtime uses where they lie, then come those it may repack while it loads, and then does
/// not look at again; a runtime that is told not to repack uses those where they lie, too. In the graph each has a reference to its place in the file.
public struct PlacedModel: Sendable {
    /// A weight in the file.
    public struct Weight: Hashable, Sendable {
        /// Its name in the graph.
        public var name: String
        /// ONNX's number of its element type (`TensorProto.DataType`).
        public var elementType: Int
        /// Its dimensions.
        public var dimensions: [Int64]
        /// Where it starts in the file.
        public var offset: Int
        /// How many bytes it has.
        public var byteCount: Int

        /// Describes a weight.
        public init(name: String, elementType: Int, dimensions: [Int64], offset: Int, byteCount: Int) {
            self.name = name
            self.elementType = elementType
            self.dimensions = dimensions
            self.offset = offset
            self.byteCount = byteCount
        }
    }

    /// The graph without the large weights, as an ONNX file.
    public private(set) var graph: [UInt8] = []
    /// All weights in the file; those in its first part are used where they lie, the others where the runtime does not repack them.
    public private(set) var weights: [Weight] = []
    /// The length of the part of the file in which they lie.
    public private(set) var placedByteCount = 0
    /// The length of the part behind it, of weights that are repacked.
    public private(set) var packedByteCount = 0
    /// Whether it has operators that calculate otherwise where the runtime does not repack their weights.
    public private(set) var mustPack = false
    private var pieces: [(offset: Int, bytes: Data)] = []

    /// Vector loads want it, and the cache: weights across lines cost some percent of a run.
    private static let alignment = 64
    /// Smaller ones stay in the graph, in bytes.
    private static let smallestWeight = 1024

    /// Takes a model apart, some of whose weights may lie in files in `folder`, which are mapped into memory; `file` is the name
    /// its file will have. `packs` says whether the runtime repacks matrices.
    ///
    /// Throws ``CatalogError`` of code `invalidModel` where the bytes are no ONNX model.
    /// - Complexity: O(bytes).
    public init(_ model: ByteRegion, in folder: String, file: String, packs: Bool) throws(CatalogError) {
        do {
            var proto = try model.withUnsafeBytes { try Onnx_ModelProto(serializedBytes: Data($0)) }
            var external = ExternalData(folder: folder)
            try external.resolve(&proto)
            mustPack = proto.graph.calculatesOnPackedWeights
            let packed = packs ? proto.graph.packedMatrices : []

            place(in: &proto, file: file) { !packed.contains($0.name) }
            placedByteCount = pieces.last.map { Self.aligned($0.offset + $0.bytes.count) } ?? 0
            place(in: &proto, file: file) { packed.contains($0.name) }
            packedByteCount = pieces.last.map { Self.aligned($0.offset + $0.bytes.count) - placedByteCount } ?? 0
            graph = try proto.serializedBytes()
        } catch {
            throw CatalogError(.invalidModel, "not an ONNX model: \(error)")
        }
    }

    /// The first bytes of the file, as long as both parts together, piece by piece.
    ///
    /// - Complexity: O(bytes).
    public func forEachPiece<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var end = 0
        for piece in pieces + [(placedByteCount + packedByteCount, Data())] {
            let padding = [UInt8](repeating: 0, count: piece.offset - end)
            try padding.withUnsafeBytes { bytes in Result { () throws(Failure) in try body(bytes) } }.get()
            try piece.bytes.withUnsafeBytes { bytes in Result { () throws(Failure) in try body(bytes) } }.get()
            end = piece.offset + piece.bytes.count
        }
    }

    private mutating func place(
        in proto: inout Onnx_ModelProto,
        file: String,
        where isWanted: (Onnx_TensorProto) -> Bool
    ) {
        var end = pieces.last.map { Self.aligned($0.offset + $0.bytes.count) } ?? 0
        for index in proto.graph.initializer.indices {
            let tensor = proto.graph.initializer[index]
            guard tensor.isPlaceable, tensor.rawData.count >= Self.smallestWeight, isWanted(tensor) else { continue }
            pieces.append((end, tensor.rawData))
            let weight = Weight(
                name: tensor.name,
                elementType: Int(tensor.dataType),
                dimensions: tensor.dims,
                offset: end,
                byteCount: tensor.rawData.count
            )
            weights.append(weight)
            proto.graph.initializer[index].refer(to: file, offset: end, byteCount: weight.byteCount)
            end = Self.aligned(end + weight.byteCount)
        }
    }

    private static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
}

extension Onnx_TensorProto {
    /// Whether its bytes are its elements, each of one byte and more.
    fileprivate var isPlaceable: Bool {
        let types: [DataType] = [
            .float, .uint8, .int8, .uint16, .int16, .int32, .int64, .bool, .float16, .double, .uint32, .uint64,
            .bfloat16,
        ]
        return !isExternal && hasRawData && types.contains { Int32($0.rawValue) == dataType }
    }
}

extension Onnx_GraphProto {
    /// Whether it has operators other than products of floats that ONNX Runtime repacks weights for: they take another way
    /// without, with other results.
    fileprivate var calculatesOnPackedWeights: Bool {
        let parts = ["Quant", "Integer", "QLinear", "NBits", "QGemm", "Attention", "MoE", "LSTM", "GRU", "RNN"]
        return node.contains { node in
            parts.contains { node.opType.contains($0) } || node.subgraphs.contains { $0.calculatesOnPackedWeights }
        }
    }

    /// The matrices that ONNX Runtime repacks for its matrix products and does not use themselves.
    fileprivate var packedMatrices: Set<String> {
        let candidates = initializer.filter { tensor in
            tensor.dims.count == 2 && tensor.dataType == Int32(Onnx_TensorProto.DataType.float.rawValue)
        }
        var result = Set(candidates.map(\.name))
        result.subtract(output.map(\.name))
        for node in node {
            let isProduct = ["MatMul", "Gemm", "FusedMatMul", "FusedGemm"].contains(node.opType)
            for (index, name) in node.input.enumerated() where !isProduct || index != 1 { result.remove(name) }
            for subgraph in node.subgraphs { subgraph.removeReads(from: &result) }
        }
        return result
    }

    private func removeReads(from names: inout Set<String>) {
        for node in node {
            names.subtract(node.input)
            for subgraph in node.subgraphs { subgraph.removeReads(from: &names) }
        }
        names.subtract(output.map(\.name))
    }
}

import Crypto
import FoundationEssentials
import SwiftProtobuf

/// A weight of a block that is too large for one ONNX file, in a file of its own beside the block's.
///
/// The block's file refers to it by its name, which says what its content is: so the block's hash covers the weight, too,
/// and blocks share it.
struct DetachedWeight {
    /// SHA-256 of its bytes, and `.bin`.
    let name: String
    /// The elements as they lie in memory.
    let bytes: Data

    /// Takes the large weights out of `graph`, which is over `byteLimit`, and leaves references to them.
    ///
    /// Only the graph's own: those of subgraphs are small wherever anybody saw them. Large is a two-thousandth of the limit.
    /// - Complexity: O(bytes of the weights).
    static func detach(from graph: inout Onnx_GraphProto, byteLimit: Int) -> [DetachedWeight] {
        var found: [DetachedWeight] = []
        for index in graph.initializer.indices where graph.initializer[index].rawData.count > byteLimit / 2048 {
            let bytes = graph.initializer[index].rawData
            let weight = DetachedWeight(name: SHA256.hash(data: bytes).hexadecimal + suffix, bytes: bytes)
            graph.initializer[index].refer(to: weight.name, offset: 0, byteCount: bytes.count)
            found.append(weight)
        }
        return found
    }

    /// What `graph` refers to.
    static func names(in graph: Onnx_GraphProto) -> [String] {
        graph.initializer.flatMap(\.externalData).filter { $0.key == "location" && isName($0.value) }.map(\.value)
    }

    /// Whether `name` can be that of such a file.
    static func isName(_ name: String) -> Bool {
        name.hasSuffix(suffix) && StoreLayout.isHash(hash(inName: name))
    }

    /// The hash that `name` states.
    static func hash(inName name: String) -> String { String(name.dropLast(suffix.count)) }

    private static let suffix = ".bin"
}

extension Onnx_TensorProto {
    /// Puts a reference in the place of the bytes.
    mutating func refer(to file: String, offset: Int, byteCount: Int) {
        clearRawData()
        dataLocation = .external
        externalData = [("location", file), ("offset", "\(offset)"), ("length", "\(byteCount)")].map { key, value in
            var entry = Onnx_StringStringEntryProto()
            entry.key = key
            entry.value = value
            return entry
        }
    }
}

import FoundationEssentials
import SwiftProtobuf

/// Nodes, inputs and outputs of an ONNX file, without its weights: those are passed over, not read. Weights that lie in other
/// files are there, as references.
enum GraphOutline {
    /// The outline of the file whose bytes these are; nil where they are none.
    ///
    /// - Complexity: O(nodes + weights), whatever the weights' bytes.
    static func graph(in bytes: UnsafeRawBufferPointer) -> Onnx_GraphProto? {
        var kept = Data()
        let isWhole = forEachField(in: bytes) { number, _, content in
            guard number == graphField else { return true }
            return forEachField(in: content) { number, whole, content in
                let isReference = number == weightField && refersToFile(content)
                if keptFields.contains(number) || isReference { kept.append(contentsOf: whole) }
                return true
            }
        }
        return isWhole ? try? Onnx_GraphProto(serializedBytes: kept) : nil
    }

    /// Whether a tensor has `external_data`.
    private static func refersToFile(_ tensor: UnsafeRawBufferPointer) -> Bool {
        var isReference = false
        _ = forEachField(in: tensor) { number, _, _ in
            isReference = isReference || number == externalField
            return !isReference
        }
        return isReference
    }

    /// Field numbers of onnx.proto: `ModelProto.graph`; `GraphProto.node`, `input`, `output`; `GraphProto.initializer`,
    /// `TensorProto.external_data`.
    private static let graphField: UInt64 = 7
    private static let keptFields: Set<UInt64> = [1, 11, 12]
    private static let (weightField, externalField): (UInt64, UInt64) = (5, 13)

    /// Calls `body` with the number, all bytes and the content of each field; false where the bytes are no message.
    private static func forEachField(
        in bytes: UnsafeRawBufferPointer,
        _ body: (UInt64, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        var place = 0
        while place < bytes.count {
            let start = place
            guard let tag = varint(in: bytes, at: &place) else { return false }
            var content = place
            switch tag & 7 {
            case 0: guard varint(in: bytes, at: &place) != nil else { return false }
            case 1: place += 8
            case 2:
                guard let length = varint(in: bytes, at: &place), length <= UInt64(bytes.count - place) else {
                    return false
                }
                content = place
                place += Int(length)
            case 5: place += 4
            default: return false
            }
            guard place <= bytes.count else { return false }
            let whole = UnsafeRawBufferPointer(rebasing: bytes[start..<place])
            guard body(tag >> 3, whole, UnsafeRawBufferPointer(rebasing: bytes[content..<place])) else { return false }
        }
        return true
    }

    /// Seven bits of each byte, the lowest first; the last has no eighth.
    private static func varint(in bytes: UnsafeRawBufferPointer, at place: inout Int) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard place < bytes.count else { return nil }
            let byte = bytes[place]
            place += 1
            value |= UInt64(byte & 127) << shift
            if byte < 128 { return value }
        }
        return nil
    }
}

import FoundationEssentials
import ServingCore

/// Reads elements of tensors as numbers.
enum TensorElements {
    /// The elements of floating-point tensors; nil for other datatypes.
    static func floating(_ bytes: UnsafeRawBufferPointer, _ datatype: TensorDatatype) -> [Double]? {
        switch datatype {
        case .float32: elements(bytes, UInt32.self) { Double(Float(bitPattern: $0)) }
        case .float64: elements(bytes, UInt64.self) { Double(bitPattern: $0) }
        case .float16: elements(bytes, UInt16.self, HalfPrecision.value)
        case .bfloat16: elements(bytes, UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
        default: nil
        }
    }

    /// The elements of floating-point tensors, little-endian; nil for other datatypes.
    static func floating(_ data: Data, _ datatype: TensorDatatype) -> [Double]? {
        data.withUnsafeBytes { floating($0, datatype) }
    }

    private static func elements<Bits: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer,
        _ type: Bits.Type,
        _ value: (Bits) -> Double
    ) -> [Double] {
        let size = MemoryLayout<Bits>.size
        return stride(from: 0, to: bytes.count / size * size, by: size).map { offset in
            value(Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Bits.self)))
        }
    }
}

import FoundationEssentials
import ServingCore

extension Onnx_TensorProto {
    /// The tensor in its one canonical form: no name, no documentation, elements in `raw_data`, little-endian.
    ///
    /// Strings stay in `string_data`. Throws where the elements are not as many as the shape says.
    func dense() throws(CatalogError) -> Onnx_TensorProto {
        var result = Onnx_TensorProto()
        result.dims = dims
        result.dataType = dataType
        let count = try elementCount()
        if dataType == Int32(DataType.string.rawValue) {
            guard stringData.count == count else { throw miscounted(stringData.count, of: count, "strings") }
            result.stringData = stringData
            return result
        }
        let bytes = try rawBytes()
        let expected = try byteCount(ofElements: count)
        guard bytes.count == expected else { throw miscounted(bytes.count, of: expected, "bytes") }
        result.rawData = bytes
        return result
    }

    /// What the elements take in the file, in bytes; at least what they take in memory.
    var storedByteCount: Int {
        let typed =
            4 * (floatData.count + int32Data.count) + 8 * (int64Data.count + doubleData.count + uint64Data.count)
        return rawData.count + typed + stringData.reduce(0) { $0 + $1.count }
    }

    /// Whether the elements lie in another file.
    var isExternal: Bool { dataLocation == .external || !externalData.isEmpty }

    /// What the elements take in `raw_data`, in bytes; throws where shape or element type are not known.
    func denseByteCount() throws(CatalogError) -> Int { try byteCount(ofElements: elementCount()) }

    private func elementCount() throws(CatalogError) -> Int {
        var product = 1
        for extent in dims {
            let (next, overflow) = product.multipliedReportingOverflow(by: Int(extent))
            guard extent >= 0, !overflow else {
                throw CatalogError(.invalidModel, "tensor '\(name)' has an impossible shape \(dims)")
            }
            product = next
        }
        return product
    }

    private func byteCount(ofElements count: Int) throws(CatalogError) -> Int {
        guard let bits = elementBits else {
            throw CatalogError(
                .unsupportedModel,
                "tensor '\(name)' is of \(TensorDatatype.onnxName(ofElementType: dataType)), which is not supported"
            )
        }
        let (total, overflow) = count.multipliedReportingOverflow(by: bits)
        guard !overflow, total <= .max - 7 else {
            throw CatalogError(.invalidModel, "tensor '\(name)' has an impossible shape \(dims)")
        }
        return (total + 7) / 8
    }

    private func rawBytes() throws(CatalogError) -> Data {
        if !rawData.isEmpty { return rawData }
        switch DataType(rawValue: Int(dataType)) {
        case .float, .complex64: return littleEndianBytes(of: floatData.map(\.bitPattern))
        case .double, .complex128: return littleEndianBytes(of: doubleData.map(\.bitPattern))
        case .int64: return littleEndianBytes(of: int64Data)
        case .uint64: return littleEndianBytes(of: uint64Data)
        case .uint32: return littleEndianBytes(of: uint64Data.map { UInt32(truncatingIfNeeded: $0) })
        case .int32: return littleEndianBytes(of: int32Data)
        case .int16, .uint16, .float16, .bfloat16:
            return littleEndianBytes(of: int32Data.map { UInt16(truncatingIfNeeded: $0) })
        default: return Data(int32Data.map { UInt8(truncatingIfNeeded: $0) })
        }
    }

    private func littleEndianBytes(of elements: [some FixedWidthInteger]) -> Data {
        elements.map(\.littleEndian).withUnsafeBytes { Data($0) }
    }

    /// Bits of one element in `raw_data`, nil for types this version does not know the packing of.
    private var elementBits: Int? {
        switch DataType(rawValue: Int(dataType)) {
        case .bool, .uint8, .int8, .float8E4M3Fn, .float8E4M3Fnuz, .float8E5M2, .float8E5M2Fnuz, .float8E8M0: 8
        case .uint16, .int16, .float16, .bfloat16: 16
        case .float, .int32, .uint32: 32
        case .double, .int64, .uint64, .complex64: 64
        case .complex128: 128
        case .uint4, .int4, .float4E2M1: 4
        case .uint2, .int2: 2
        default: nil
        }
    }

    private func miscounted(_ found: Int, of expected: Int, _ unit: String) -> CatalogError {
        CatalogError(.invalidModel, "tensor '\(name)' holds \(found) \(unit) where its shape \(dims) says \(expected)")
    }
}

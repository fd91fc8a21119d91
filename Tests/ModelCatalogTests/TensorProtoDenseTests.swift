import FoundationEssentials
import Testing

@testable import ModelCatalog

struct TensorProtoDenseTests {
    private func tensor(_ type: Onnx_TensorProto.DataType, _ dims: [Int64]) -> Onnx_TensorProto {
        var tensor = Onnx_TensorProto()
        tensor.name = "t"
        tensor.dataType = Int32(type.rawValue)
        tensor.dims = dims
        return tensor
    }

    @Test func `Narrow integers lie one to a 32-bit field and become bytes of their own width`() throws {
        var bytes = tensor(.int8, [3])
        bytes.int32Data = [-1, 2, 127]
        #expect(try bytes.dense().rawData == Data([255, 2, 127]))
        var halves = tensor(.float16, [2])
        halves.int32Data = [0x3C00, 0x4001]
        #expect(try halves.dense().rawData == Data([0x00, 0x3C, 0x01, 0x40]))
        var flags = tensor(.bool, [2])
        flags.int32Data = [1, 0]
        #expect(try flags.dense().rawData == Data([1, 0]))
    }

    @Test func `Wide elements become little-endian bytes`() throws {
        var long = tensor(.int64, [])
        long.int64Data = [0x0102_0304_0506_0708]
        #expect(try long.dense().rawData == Data([8, 7, 6, 5, 4, 3, 2, 1]))
        var unsigned = tensor(.uint32, [1])
        unsigned.uint64Data = [0xFFFF_FFFE]
        #expect(try unsigned.dense().rawData == Data([0xFE, 0xFF, 0xFF, 0xFF]))
        var double = tensor(.double, [1])
        double.doubleData = [1]
        #expect(try double.dense().rawData == Data([0, 0, 0, 0, 0, 0, 0xF0, 0x3F]))
        var complex = tensor(.complex64, [1])
        complex.floatData = [1, 0]
        #expect(try complex.dense().rawData == Data([0, 0, 0x80, 0x3F, 0, 0, 0, 0]))
    }

    @Test func `Elements of four bits lie two to a byte`() throws {
        var packed = tensor(.int4, [3])
        packed.int32Data = [0x21, 0x03]
        #expect(try packed.dense().rawData == Data([0x21, 0x03]))
        packed.int32Data = [0x21]
        #expect(throws: CatalogError(.invalidModel, "tensor 't' holds 1 bytes where its shape [3] says 2")) {
            try packed.dense()
        }
    }

    @Test func `Strings stay strings`() throws {
        var strings = tensor(.string, [2])
        strings.stringData = [Data("a".utf8), Data("bc".utf8)]
        #expect(try strings.dense().stringData == strings.stringData)
        strings.dims = [3]
        #expect(throws: CatalogError.self) { try strings.dense() }
    }

    @Test func `A tensor without elements has no bytes`() throws {
        #expect(try tensor(.float, [0, 7]).dense().rawData.isEmpty)
    }

    @Test func `An element type whose packing is not known is refused`() {
        #expect(
            throws: CatalogError(.unsupportedModel, "tensor 't' is of FLOAT6E2M3, which is not supported")
        ) { try tensor(.float6E2M3, [1]).dense() }
    }
}

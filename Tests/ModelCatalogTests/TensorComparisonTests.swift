import ServingCore
import Testing

@testable import ModelCatalog

struct TensorComparisonTests {
    private func tensor(_ values: [Float]) -> Tensor {
        let bytes = values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
        return Tensor(name: "y", datatype: .float32, shape: [values.count], data: ByteRegion(copying: bytes))
    }

    private func halves(_ bits: [UInt16]) -> Tensor {
        let bytes = bits.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        return Tensor(name: "y", datatype: .float16, shape: [bits.count], data: ByteRegion(copying: bytes))
    }

    @Test func `Differences are measured against the largest element`() {
        #expect(
            TensorComparison.compare(tensor([128, 0x1p-11]), with: tensor([128, 0])) == .equal(difference: 0x1p-18)
        )
        #expect(
            TensorComparison.compare(tensor([100, 0.01]), with: tensor([100, 0])) == .different("differs by 0.0001")
        )
    }

    @Test func `Of small tensors four units in the last place of 1 pass`() {
        #expect(TensorComparison.compare(tensor([0x1p-22]), with: tensor([0])) != .different("differs by 5e-06"))
        #expect(TensorComparison.compare(tensor([0x1p-20]), with: tensor([0])) == .different("differs by 2e-05"))
    }

    @Test func `NaN and infinities have to be at the same places`() {
        #expect(
            TensorComparison.compare(tensor([.nan, .infinity]), with: tensor([.nan, .infinity]))
                == .equal(difference: 0)
        )
        for (one, other) in [(Float.nan, 1), (1, .nan), (.infinity, 1), (-.infinity, .infinity)] as [(Float, Float)] {
            #expect(
                TensorComparison.compare(tensor([one]), with: tensor([other]))
                    == .different("has \(one) instead of \(other)")
            )
        }
    }

    @Test func `Halves may be two units in the last place apart`() {
        #expect(TensorComparison.compare(halves([0x3C00]), with: halves([0x3C02])) != .different(""))
        guard case .different = TensorComparison.compare(halves([0x3C00]), with: halves([0x3C04])) else {
            Issue.record("four units passed")
            return
        }
    }

    @Test func `Shape and type have to be equal, integers too`() {
        #expect(
            TensorComparison.compare(tensor([1]), with: tensor([1, 2])) == .different("is FP32 [1] instead of FP32 [2]")
        )
        var (one, two) = (tensor([1]), tensor([2]))
        (one.datatype, two.datatype) = (.int32, .int32)
        #expect(TensorComparison.compare(one, with: two) == .different("has other elements"))
        #expect(TensorComparison.compare(one, with: one) == .equal(difference: 0))
    }

    @Test func `Halves are read and made as IEEE says`() {
        for (bits, value) in [(0, 0), (0x3C00, 1), (0xBC00, -1), (0x3800, 0.5), (1, 0x1p-24), (0x7BFF, 65504)]
            as [(UInt16, Double)]
        {
            #expect(HalfPrecision.value(of: bits) == value)
        }
        for value in [Float(0.5), -0.25, 0.75, -0.0009765625] {
            #expect(HalfPrecision.value(of: HalfPrecision.bits(of: value)) == Double(value))
        }
    }
}

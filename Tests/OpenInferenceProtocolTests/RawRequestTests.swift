import OpenInferenceProtocol
import ServingCore
import Testing

struct RawRequestTests {
    private func decode(_ bytes: [UInt8], _ datatype: TensorDatatype, _ shape: [Int]) throws(ServingError) -> Tensor {
        let decoder = InferenceRequestDecoder(
            inputs: [TensorSpecification(name: "x", datatype: datatype, shape: shape)],
            outputs: [TensorSpecification(name: "y", datatype: .float32, shape: [-1])]
        )
        let call = try decoder.decode(body: ByteRegion(copying: bytes), headerLength: 0)
        #expect(call.answer.outputs == [OutputRequest(index: 0, name: "y", isBinary: true)])
        return call.inputs[0]
    }

    @Test func `One open dimension is worked out from the length`() throws {
        #expect(try decode([UInt8](repeating: 1, count: 12), .int16, [-1, 3]).shape == [2, 3])
        #expect(try decode([1, 2], .uint8, [2]).data.array == [1, 2])
    }

    @Test func `A length the shape does not allow is refused`() {
        #expect(failure { _ = try decode([1, 2, 3], .uint8, [-1, 2]) }?.code == .invalidField)
        #expect(failure { _ = try decode([1, 2, 3], .uint8, [2]) }?.code == .invalidField)
        #expect(failure { _ = try decode([1, 2, 3], .uint16, [-1]) }?.code == .invalidField)
        #expect(failure { _ = try decode([1], .uint8, [-1, 0]) }?.code == .invalidField)
        #expect(failure { _ = try decode([1, 2], .uint8, [-1, -1]) }?.code == .invalidField)
    }

    @Test func `A body for BYTES is one string`() throws {
        let tensor = try decode([0x61, 0x62], .bytes, [-1, 1])
        #expect(tensor.shape == [1, 1])
        #expect(tensor.data.array == [2, 0, 0, 0, 0x61, 0x62])
        #expect(failure { _ = try decode([1], .bytes, [2]) }?.code == .invalidField)
    }

    @Test func `A model with two inputs takes no raw body`() {
        let error = failure { _ = try decoder.decode(body: ByteRegion(copying: [1]), headerLength: 0) }
        #expect(error?.code == .invalidField)
    }
}

import JSONCoding
import OpenInferenceProtocol
import ServingCore
import TestSupport
import Testing

/// What goes out as an answer comes back as a request with the same bytes, for every type and both forms.
struct RoundTripTests {
    private static let shape = [3, 2]

    private func tensor(_ datatype: TensorDatatype, _ generator: inout SeededGenerator) -> Tensor {
        let bytes: [UInt8] = (0..<6).flatMap { _ -> [UInt8] in element(datatype, &generator) }
        return Tensor(name: "t", datatype: datatype, shape: Self.shape, data: ByteRegion(copying: bytes))
    }

    private func element(_ datatype: TensorDatatype, _ generator: inout SeededGenerator) -> [UInt8] {
        let random = generator.next()
        switch datatype {
        case .bool: return [UInt8(random & 1)]
        case .float32: return wire(Float.random(in: -1e30...1e30, using: &generator).bitPattern)
        case .float64: return wire(Double.random(in: -1e300...1e300, using: &generator).bitPattern)
        case .uint64: return wire(random >> 1)
        case .bytes:
            let word = ["", "a\"\\\n", "é😀", "plain"][Int(random % 4)]
            return wire(UInt32(word.utf8.count)) + Array(word.utf8)
        default: return Array(wire(random).prefix(datatype.elementSize ?? 0))
        }
    }

    private func wire(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }

    private func answer(_ tensor: Tensor, isBinary: Bool) throws -> EncodedInference {
        try InferenceResponseEncoder.encode(
            model: ModelID(name: "m", version: 1),
            outputs: [tensor],
            form: AnswerForm(
                outputs: [OutputRequest(index: 0, name: "t", isBinary: isBinary)],
                acceptsBinary: isBinary
            )
        )
    }

    /// An answer's bytes, its `outputs` called `inputs`, read as a request.
    private func reread(_ answer: EncodedInference, _ tensor: Tensor) throws -> InferenceCall {
        let json = Array(text(answer.header).replacing(#""outputs":"#, with: #""inputs":"#).utf8)
        let decoder = InferenceRequestDecoder(
            inputs: [TensorSpecification(name: "t", datatype: tensor.datatype, shape: Self.shape)],
            outputs: []
        )
        let body = ByteRegion(copying: json + answer.tensors.flatMap(\.array))
        return try decoder.decode(body: body, headerLength: answer.headerLength == nil ? nil : json.count)
    }

    @Test(arguments: TensorDatatype.allCases, [UInt64(1), 2, 3])
    func `Binary data comes back byte for byte`(datatype: TensorDatatype, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let tensor = tensor(datatype, &generator)
        let call = try reread(answer(tensor, isBinary: true), tensor)
        #expect(call.inputs.map(\.data.array) == [tensor.data.array])
    }

    @Test(arguments: TensorDatatype.allCases.filter(\.hasJSONForm), [UInt64(1), 2, 3])
    func `JSON data comes back byte for byte`(datatype: TensorDatatype, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let tensor = tensor(datatype, &generator)
        let call = try reread(answer(tensor, isBinary: false), tensor)
        #expect(call.inputs.map(\.data.array) == [tensor.data.array])
    }
}

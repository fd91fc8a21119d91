import JSONCoding
import OpenInferenceProtocol
import ServingCore
import Testing

struct InferenceResponseEncoderTests {
    private let model = ModelID(name: "digits", version: 3)

    private func floats(_ values: Float...) -> Tensor {
        let bytes = values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
        return Tensor(name: "y", datatype: .float32, shape: [values.count], data: ByteRegion(copying: bytes))
    }

    private func form(isBinary: Bool, acceptsBinary: Bool = false, id: String? = nil) -> AnswerForm {
        AnswerForm(
            id: id,
            outputs: [OutputRequest(index: 0, name: "y", isBinary: isBinary)],
            acceptsBinary: acceptsBinary || isBinary
        )
    }

    @Test func `A JSON answer echoes the id, carries parameters and needs no header length`() throws {
        let answer = try InferenceResponseEncoder.encode(
            model: model,
            outputs: [floats(0.5, 2)],
            form: form(isBinary: false, id: "a"),
            parameters: [
                NamedParameter("granted_bits_per_second", .number(1e6)), NamedParameter("batch_size", .integer(4)),
            ]
        )
        #expect(
            text(answer.header)
                == #"{"model_name":"digits","model_version":"3","id":"a","#
                + #""parameters":{"granted_bits_per_second":1000000.0,"batch_size":4},"#
                + #""outputs":[{"name":"y","datatype":"FP32","shape":[2],"data":[0.5,2.0]}]}"#
        )
        #expect(answer.headerLength == nil)
        #expect(answer.contentType == "application/json")
        #expect(answer.segments.count == 1)
    }

    @Test func `A binary answer has the JSON length and the tensor behind it, not copied`() throws {
        let tensor = floats(0.5, 2)
        let answer = try InferenceResponseEncoder.encode(model: model, outputs: [tensor], form: form(isBinary: true))
        #expect(text(answer.header).hasSuffix(#""shape":[2],"parameters":{"binary_data_size":8}}]}"#))
        #expect(answer.headerLength == answer.header.count)
        #expect(answer.tensors.count == 1)
        #expect(answer.tensors[0].withUnsafeBytes(\.baseAddress) == tensor.data.withUnsafeBytes(\.baseAddress))
    }

    @Test func `A value without JSON form is an error, or binary where binary is taken`() throws {
        let tensor = floats(1, .infinity)
        let error = failure {
            _ = try InferenceResponseEncoder.encode(model: model, outputs: [tensor], form: form(isBinary: false))
        }
        #expect(error?.code == .invalidField)
        #expect(error?.field == "outputs")
        #expect(error?.message.contains("binary") == true)
        let answer = try InferenceResponseEncoder.encode(
            model: model,
            outputs: [tensor],
            form: form(isBinary: false, acceptsBinary: true)
        )
        #expect(text(answer.header).contains(#""binary_data_size":8"#))
        #expect(!text(answer.header).contains("data\":["))
        #expect(answer.tensors[0].count == 8)
    }

    @Test func `An engine's output that is not what its shape says is our error`() {
        var tensor = floats(1, 2)
        tensor.shape = [3]
        let error = failure {
            _ = try InferenceResponseEncoder.encode(model: model, outputs: [tensor], form: form(isBinary: true))
        }
        #expect(error?.code == .internalError)
        #expect(
            failure {
                _ = try InferenceResponseEncoder.encode(model: model, outputs: [], form: form(isBinary: true))
            }?.code == .internalError
        )
    }
}

import OpenInferenceProtocol
import ServingCore
import Testing

struct InferenceRequestDecoderOutputTests {
    private func request(_ outputs: String, parameters: String = "{}") -> String {
        #"{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]},"#
            + #"{"name":"mask","shape":[2],"datatype":"BOOL","data":[1,0]}],"outputs":"#
            + outputs + #","parameters":"# + parameters + "}"
    }

    @Test func `An output's own wish counts before the request's`() throws {
        let outputs = #"[{"name":"y","parameters":{"binary_data":false}},{"name":"label"}]"#
        let answer = try decode(request(outputs, parameters: #"{"binary_data_output":true}"#)).answer
        #expect(answer.outputs.map(\.isBinary) == [false, true])
        #expect(answer.acceptsBinary)
    }

    @Test func `Half precision is refused as JSON, and binary where binary is taken`() throws {
        #expect(fault(request(#"[{"name":"half"}]"#))?.field == "outputs")
        let mixed = #"[{"name":"half"},{"name":"y","parameters":{"binary_data":true}}]"#
        #expect(try decode(request(mixed)).answer.outputs.map(\.isBinary) == [true, true])
    }

    @Test(arguments: [
        (#"[{"name":"z"}]"#, "outputs[0].name"), (#"[{"name":"y"},{"name":"y"}]"#, "outputs[1].name"),
        (#"[{}]"#, "outputs[0].name"),
        (#"[{"name":"y","parameters":{"binary_data":1}}]"#, "outputs[0].parameters.binary_data"),
        (#"[{"name":"y"},{"name":"y"},{"name":"y"},{"name":"y"}]"#, "outputs"), (#"{"name":"y"}"#, "outputs"),
    ])
    func `Outputs unknown, repeated or malformed are refused`(outputs: String, field: String) {
        #expect(fault(request(outputs))?.field == field)
    }

    @Test func `Classification is not implemented`() {
        let error = fault(request(#"[{"name":"y","parameters":{"classification":3}}]"#))
        #expect(error?.code == .notImplemented)
        #expect(error?.field == "outputs[0].parameters.classification")
    }
}

import OpenInferenceProtocol
import ServingCore
import Testing

struct InferenceParametersTests {
    private let inputless = InferenceRequestDecoder(inputs: [], outputs: [])

    private func request(_ parameters: String) -> String {
        "{\"inputs\":[],\"parameters\":\(parameters)}"
    }

    @Test func `Timeout is in microseconds, priority and others are kept`() throws {
        let text = request(#"{"timeout":1500,"priority":2,"user":"é","w":1.5,"n":-3,"b":true}"#)
        let parameters = try decode(text, with: inputless).parameters
        #expect(parameters.timeout == .microseconds(1500))
        #expect(parameters.priority == 2)
        #expect(
            parameters.others == [
                NamedParameter("user", .string("é")), NamedParameter("w", .number(1.5)),
                NamedParameter("n", .integer(-3)),
                NamedParameter("b", .bool(true)),
            ]
        )
    }

    @Test(arguments: ["0", "-1", "1.5", "\"5\"", "true"])
    func `A timeout that is not a positive number of microseconds is refused`(value: String) {
        #expect(fault(request("{\"timeout\":\(value)}"), with: inputless)?.field == "parameters.timeout")
    }

    @Test(arguments: ["sequence_id", "sequence_start", "sequence_end", "headers", "triton_enable_empty_final_response"])
    func `Reserved parameters are refused by name`(name: String) {
        let error = fault(request("{\"\(name)\":1}"), with: inputless)
        #expect(error?.field == "parameters.\(name)")
        #expect(error?.code.httpStatus == 400)
    }

    @Test(arguments: ["a", "timeout", "priority", "binary_data_output", "sequence_id"])
    func `A parameter that is null was not given`(name: String) throws {
        let parameters = try decode(request("{\"\(name)\":null}"), with: inputless).parameters
        #expect(parameters == InferenceParameters())
    }

    @Test(arguments: [
        "{\"a\":[1]}", "{\"a\":{}}", "{\"priority\":-1}", "{\"priority\":4294967296}", "[1]",
    ])
    func `Values no parameter can have are refused`(parameters: String) {
        #expect(fault(request(parameters), with: inputless)?.field?.hasPrefix("parameters") == true)
    }
}

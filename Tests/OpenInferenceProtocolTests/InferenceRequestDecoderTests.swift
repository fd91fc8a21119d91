import OpenInferenceProtocol
import ServingCore
import Testing

struct InferenceRequestDecoderTests {
    private let x = #"{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}"#
    private let mask = #"{"name":"mask","shape":[2],"datatype":"BOOL","data":[true,false]}"#

    private func request(_ inputs: String..., also: String = "") -> String {
        "{\"inputs\":[\(inputs.joined(separator: ","))]\(also)}"
    }

    @Test func `Inputs in any order come out in the model's order`() throws {
        let call = try decode(request(mask, x, also: #","id":"é1","outputs":[{"name":"label"},{"name":"y"}]"#))
        #expect(call.id == "é1")
        #expect(call.inputs.map(\.name) == ["x", "mask"])
        #expect(call.inputs[0].shape == [1, 2])
        #expect(call.inputs[0].data.array == [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
        #expect(call.inputs[1].data.array == [1, 0])
        #expect(call.answer.outputs.map(\.index) == [1, 0])
        #expect(!call.answer.acceptsBinary)
    }

    @Test func `Without outputs all of them are answered`() throws {
        let all = try decode(request(x, mask, also: #","parameters":{"binary_data_output":true},"outputs":[]"#))
        #expect(all.answer.outputs.map(\.name) == ["y", "label", "half"])
        #expect(all.answer.outputs.map(\.isBinary) == [true, true, true])
    }

    @Test func `The body tritonclient sends by default is read, its tensors not copied`() throws {
        let json =
            #"{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","parameters":{"binary_data_size":16}},"#
            + #"{"name":"mask","shape":[2],"datatype":"BOOL","parameters":{"binary_data_size":2}}],"#
            + #""parameters":{"binary_data_output":true}}"#
        let binary = Array(UInt8(0)..<16) + [1, 0]
        let body = ByteRegion(copying: Array(json.utf8) + binary)
        let call = try decoder.decode(body: body, headerLength: json.utf8.count)
        #expect(call.inputs.flatMap { $0.data.array } == binary)
        let place = body.withUnsafeBytes { $0.baseAddress.map { $0 + json.utf8.count } }
        #expect(call.inputs[0].data.withUnsafeBytes { $0.baseAddress } == place)
    }

    @Test func `JSON and binary inputs can be mixed`() throws {
        let binary = #"{"name":"mask","shape":[2],"datatype":"BOOL","parameters":{"binary_data_size":2}}"#
        let call = try decode(request(binary, x, also: #","outputs":[{"name":"y"}]"#), binary: [0, 1])
        #expect(call.inputs.map(\.data.count) == [8, 2])
    }

    @Test func `Names count byte by byte: composed and decomposed are two inputs`() throws {
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        let decoder = InferenceRequestDecoder(
            inputs: [composed, decomposed].map { TensorSpecification(name: $0, datatype: .int8, shape: [-1]) },
            outputs: [composed, decomposed].map { TensorSpecification(name: $0, datatype: .int8, shape: [-1]) }
        )
        let values = [(decomposed, 2), (composed, 1)].map { name, value in
            #"{"name":"\#(name)","shape":[1],"datatype":"INT8","data":[\#(value)]}"#
        }
        let call = try decode(
            #"{"inputs":[\#(values.joined(separator: ","))],"outputs":[{"name":"\#(decomposed)"}]}"#,
            with: decoder
        )
        #expect(call.inputs.map(\.data.array) == [[1], [2]])
        #expect(call.answer.outputs.map(\.index) == [1])
        let one = InferenceRequestDecoder(
            inputs: [TensorSpecification(name: composed, datatype: .int8, shape: [-1])],
            outputs: []
        )
        #expect(fault(#"{"inputs":[\#(values[0])]}"#, with: one)?.field == "inputs[0].name")
    }

    @Test func `Dimensions of one name have to be equal, and both are named`() throws {
        let decoder = InferenceRequestDecoder(
            inputs: [
                TensorSpecification(name: "a", datatype: .int8, shape: [-1, -1], dimensionNames: ["n", "width"]),
                TensorSpecification(name: "b", datatype: .int8, shape: [-1, -1], dimensionNames: ["", "width"]),
            ],
            outputs: []
        )
        func body(_ a: [Int], _ b: [Int]) -> String {
            let inputs = [("b", b), ("a", a)].map { name, shape in
                let data = Array(repeating: 0, count: shape[0] * shape[1])
                return #"{"name":"\#(name)","shape":\#(shape),"datatype":"INT8","data":\#(data)}"#
            }
            return #"{"inputs":[\#(inputs.joined(separator: ","))]}"#
        }
        #expect(fault(body([1, 3], [2, 3]), with: decoder) == nil)
        let found = try #require(fault(body([1, 3], [2, 4]), with: decoder))
        #expect(found.code == .invalidField && found.field == "inputs[0].shape[1]")
        #expect(
            found.message
                == #"the model calls this dimension "width", as it does inputs[1].shape[1]: it is 4 here and 3 there, "#
                + "and has to be the same"
        )
    }

    @Test func `Inputs missing, unknown or given twice are refused`() {
        #expect(fault(request(x))?.field == "inputs")
        #expect(fault(request(x))?.message == "input \"mask\" is missing")
        #expect(fault(request(x, x))?.field == "inputs[1].name")
        #expect(fault(request(x, mask, mask))?.field == "inputs")
        #expect(fault(request(x, mask.replacing("mask", with: "musk")))?.field == "inputs[1].name")
        #expect(fault("{}")?.field == "inputs")
        #expect(fault("[]")?.code == .invalidField)
        #expect(fault("")?.code == .malformedJSON)
    }

    @Test(arguments: [
        ("[1,3]", "inputs[0].shape[1]"), ("[1,-2]", "inputs[0].shape[1]"), ("[1,2.0]", "inputs[0].shape[1]"),
        ("[2147483649,2]", "inputs[0].shape[0]"), ("[1,2,1]", "inputs[0].shape"), ("[]", "inputs[0].shape"),
        ("3", "inputs[0].shape"), ("[9223372036854775807,2]", "inputs[0].shape[0]"),
        ("[99999999999999999999,2]", "inputs[0].shape[0]"), ("[2,2]", "inputs[0].data"),
    ])
    func `A shape the model does not take is refused with its place`(shape: String, field: String) {
        #expect(fault(request(x.replacing("[1,2],", with: shape + ","), mask))?.field == field)
    }

    @Test func `A shape whose product overflows is refused`() {
        let wide = InferenceRequestDecoder(
            inputs: [TensorSpecification(name: "x", datatype: .float32, shape: [-1, -1, -1])],
            outputs: []
        )
        let input = #"{"name":"x","shape":[2147483648,2147483648,2147483648],"datatype":"FP32","data":[]}"#
        #expect(fault(request(input), with: wide)?.field == "inputs[0].shape")
        let binary = input.replacing("2147483648]", with: "1]").replacing(
            #""data":[]"#,
            with: #""parameters":{"binary_data_size":0}"#
        )
        #expect(fault(request(binary), binary: [], with: wide)?.field == "inputs[0].parameters.binary_data_size")
    }

    @Test func `A datatype other than the model's is refused`() {
        #expect(fault(request(x.replacing("FP32", with: "FP64"), mask))?.field == "inputs[0].datatype")
        #expect(fault(request(x.replacing("FP32", with: "fp32"), mask))?.field == "inputs[0].datatype")
    }

    @Test func `Data both ways or no way is refused`() {
        let both = x.replacing(#""data""#, with: #""parameters":{"binary_data_size":8},"data""#)
        #expect(fault(request(both, mask))?.field == "inputs[0].data")
        #expect(fault(request(x.replacing(#","data":[1,2]"#, with: ""), mask))?.field == "inputs[0].data")
    }

    @Test(arguments: [
        ("8", 7, "inputs[0].parameters.binary_data_size"), ("7", 7, "inputs[0].parameters.binary_data_size"),
        ("8", 9, "inputs"), ("-1", 8, "inputs[0].parameters.binary_data_size"),
        ("9223372036854775807", 8, "inputs[0].parameters.binary_data_size"),
        ("8.0", 8, "inputs[0].parameters.binary_data_size"),
    ])
    func `Binary data of another size than announced or needed is refused`(size: String, sent: Int, field: String) {
        let input = x.replacing(#""data":[1,2]"#, with: "\"parameters\":{\"binary_data_size\":\(size)}")
        #expect(fault(request(input, mask), binary: [UInt8](repeating: 0, count: sent))?.field == field)
    }

    @Test func `A binary size without a header length is refused`() {
        let input = x.replacing(#""data":[1,2]"#, with: #""parameters":{"binary_data_size":8}"#)
        #expect(fault(request(input, mask))?.field == "inputs[0].parameters.binary_data_size")
    }

    @Test func `A header length beyond the body is refused`() throws {
        for length in [3, -1, Int.max, Int.min] {
            let error = failure {
                _ = try decoder.decode(body: ByteRegion(copying: [0x7B, 0x7D]), headerLength: length)
            }
            #expect(error?.field == "Inference-Header-Content-Length")
        }
        #expect(failure { _ = try InferenceRequestDecoder.headerLength(from: "+5") } != nil)
        #expect(failure { _ = try InferenceRequestDecoder.headerLength(from: "99999999999999999999") } != nil)
        #expect(try InferenceRequestDecoder.headerLength(from: "017") == 17)
    }

    @Test func `A BOOL byte other than 0 and 1 is refused`() {
        let input = mask.replacing(#""data":[true,false]"#, with: #""parameters":{"binary_data_size":2}"#)
        #expect(fault(request(x, input), binary: [1, 2])?.field == "inputs[1].parameters.binary_data_size")
    }

    @Test func `An over-long JSON part is refused as too large`() {
        let small = InferenceRequestDecoder(inputs: [], outputs: [], maximumJSONBytes: 10)
        #expect(fault(#"{"inputs":[]}"#, with: small)?.code.httpStatus == 413)
    }

    @Test(arguments: [
        (Array(#"{"inputs":[]}"#.utf8) + [0, 0, 128, 63], "Inference-Header-Content-Length"),
        ([0x0A, 0xFF, 0x00], "Inference-Header-Content-Length"), ([0x1F, 0x8B, 0x08, 0x00], "gzip"),
    ])
    func `A body that is not JSON alone is told what may be missing`(body: [UInt8], named: String) {
        let decoder = InferenceRequestDecoder(inputs: [], outputs: [])
        let error = failure { _ = try decoder.decode(body: ByteRegion(copying: body), headerLength: nil) }
        #expect(error?.code == .malformedJSON)
        #expect(error?.message.contains(named) == true)
    }

    @Test func `Shared memory is not implemented`() {
        let input = x.replacing(#""data":[1,2]"#, with: #""parameters":{"shared_memory_region":"r"}"#)
        #expect(fault(request(input, mask))?.code == .notImplemented)
    }
}

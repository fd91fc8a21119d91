import JSONCoding
import OpenInferenceProtocol
import ServingCore

/// The decoder most tests use: two inputs, three outputs.
let decoder = InferenceRequestDecoder(
    inputs: [
        TensorSpecification(name: "x", datatype: .float32, shape: [-1, 2]),
        TensorSpecification(name: "mask", datatype: .bool, shape: [2]),
    ],
    outputs: [
        TensorSpecification(name: "y", datatype: .float32, shape: [-1]),
        TensorSpecification(name: "label", datatype: .bytes, shape: [-1]),
        TensorSpecification(name: "half", datatype: .float16, shape: [-1]),
    ]
)

/// Decodes JSON, followed by `binary` behind a header length where that is given.
func decode(
    _ json: String,
    binary: [UInt8]? = nil,
    with decoder: InferenceRequestDecoder = decoder
) throws(ServingError) -> InferenceCall {
    let body = ByteRegion(copying: Array(json.utf8) + (binary ?? []))
    return try decoder.decode(body: body, headerLength: binary == nil ? nil : json.utf8.count)
}

/// What decoding throws, nil where it does not throw.
func fault(_ json: String, binary: [UInt8]? = nil, with decoder: InferenceRequestDecoder = decoder) -> ServingError? {
    failure { _ = try decode(json, binary: binary, with: decoder) }
}

/// What `body` throws, nil where it does not throw.
func failure(_ body: () throws -> Void) -> ServingError? {
    do {
        try body()
        return nil
    } catch {
        return error as? ServingError
    }
}

/// The text of a region.
func text(_ region: ByteRegion) -> String {
    String(decoding: region.array, as: UTF8.self)
}

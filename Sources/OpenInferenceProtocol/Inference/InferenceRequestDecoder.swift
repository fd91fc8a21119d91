internal import JSONCoding
public import ServingCore

/// Reads the bodies of inference requests for one model (Open Inference Protocol V2, binary tensor data extension).
///
/// Nothing a client sends is trusted: names, shapes, types and lengths are checked before memory is taken for them.
public struct InferenceRequestDecoder: Sendable {
    let inputs: [TensorSpecification]
    let outputs: [TensorSpecification]
    private let limits: JSONLimits

    /// Makes a decoder for a model with these inputs and outputs; the limits hold for the JSON part of a body.
    public init(
        inputs: [TensorSpecification],
        outputs: [TensorSpecification],
        maximumJSONBytes: Int = 8 << 20,
        maximumJSONNodes: Int = 300_000
    ) {
        self.inputs = inputs
        self.outputs = outputs
        limits = JSONLimits(maximumBytes: maximumJSONBytes, maximumNodes: maximumJSONNodes)
    }

    /// Reads a body; `headerLength` is the value of `Inference-Header-Content-Length`, nil without that header.
    ///
    /// Without the header the body is JSON; at 0 it is one raw input; else that many bytes of JSON and then the binary
    /// tensors in the order of the request's inputs, not a byte more or less. Tensors in binary form are not copied.
    /// Throws `malformedJSON`, `bodyTooLarge`, `notImplemented`, or `invalidField` with the path of the field at fault.
    /// `charge` is told how much memory a longer JSON text takes while it is read, and may refuse that.
    public func decode(
        body: ByteRegion,
        headerLength: Int?,
        charge: (Int) throws(ServingError) -> Void = { (_) throws(ServingError) in }
    ) throws(ServingError) -> InferenceCall {
        guard let headerLength else { return try decode(plain: body, charge) }
        guard headerLength != 0 else { return try decode(raw: body) }
        guard headerLength > 0, let header = body.slice(0..<max(0, headerLength)),
            let payload = body.slice(headerLength..<max(headerLength, body.count))
        else {
            throw ServingError(
                .invalidField,
                "the JSON part is \(headerLength) bytes long, the whole body \(body.count)",
                field: Self.headerLengthField
            )
        }
        return try decode(header: header, payload: payload, charge)
    }

    /// Reads a body without the header: where it is no JSON, binary tensors may be why.
    private func decode(
        plain body: ByteRegion,
        _ charge: (Int) throws(ServingError) -> Void
    ) throws(ServingError) -> InferenceCall {
        do throws(ServingError) {
            return try decode(header: body, payload: .empty, charge)
        } catch {
            guard error.code == .malformedJSON, let hint = ForeignBody(body).hint else { throw error }
            throw ServingError(.malformedJSON, "\(error.message); \(hint)", field: error.field)
        }
    }

    /// Reads the value of the header `Inference-Header-Content-Length`; throws `invalidField` where it is not digits.
    public static func headerLength(from text: String) throws(ServingError) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let length = Int(text)
        else {
            throw ServingError(.invalidField, "expected a number of bytes", field: headerLengthField)
        }
        return length
    }

    static let headerLengthField = "Inference-Header-Content-Length"

    private func decode(
        header: ByteRegion,
        payload: ByteRegion,
        _ charge: (Int) throws(ServingError) -> Void
    ) throws(ServingError) -> InferenceCall {
        let root = try JSONDocument(parsing: header, limits: limits, charge: charge).root
        let id = try root.optionalMember("id")?.string()
        var parameters = InferenceParameters()
        if let given = try root.optionalMember("parameters") { parameters = try InferenceParameters(given) }
        let tensors = try tensors(root, payload: payload)
        let answer = try answerForm(root, id: id, parameters: parameters)
        return InferenceCall(parameters: parameters, inputs: tensors, answer: answer)
    }
}

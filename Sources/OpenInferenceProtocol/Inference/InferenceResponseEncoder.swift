internal import JSONCoding
public import ServingCore

/// Writes the answers to inference requests (Open Inference Protocol V2, binary tensor data extension).
public enum InferenceResponseEncoder {
    /// Writes an answer: `outputs` are all of the model's outputs in its order, `form` picks among them.
    ///
    /// Throws `invalidField` where an output to be sent as JSON holds a value without JSON form and the caller has not
    /// shown that it reads binary data; `internalError` where `outputs` are not the model's. O(JSON text).
    public static func encode(
        model: ModelID,
        outputs: [Tensor],
        form: AnswerForm,
        parameters: [NamedParameter] = []
    ) throws(ServingError) -> EncodedInference {
        var writer = JSONWriter(capacity: room(for: outputs, form))
        var tensors: [ByteRegion] = []
        try writer.object { (writer) throws(ServingError) in
            writer.member("model_name", model.name)
            writer.member("model_version", String(model.version))
            if let id = form.id { writer.member("id", id) }
            write(parameters, to: &writer)
            writer.key("outputs")
            try writer.array { (writer) throws(ServingError) in
                for request in form.outputs {
                    let tensor = try checked(outputs, request)
                    try write(tensor, request, form, to: &writer, &tensors)
                }
            }
        }
        return EncodedInference(header: writer.finish(), tensors: tensors)
    }

    /// Bytes that most answers fit into: numbers take some three times as many as text. A guess, of little memory at most.
    private static func room(for outputs: [Tensor], _ form: AnswerForm) -> Int {
        var bytes = 0
        for request in form.outputs where !request.isBinary && outputs.indices.contains(request.index) {
            bytes += min(outputs[request.index].data.count, 1 << 14)
        }
        return 768 + 3 * min(bytes, 1 << 14)
    }

    private static func write(_ parameters: [NamedParameter], to writer: inout JSONWriter) {
        guard !parameters.isEmpty else { return }
        writer.key("parameters")
        writer.object { writer in
            for parameter in parameters { writer.member(parameter.name, parameter.value) }
        }
    }

    private static func checked(_ outputs: [Tensor], _ request: OutputRequest) throws(ServingError) -> Tensor {
        guard outputs.indices.contains(request.index) else {
            throw ServingError(.internalError, "the model has no output \(request.index)")
        }
        let tensor = outputs[request.index]
        if let fault = TensorBytes.fault(in: tensor.data, datatype: tensor.datatype, shape: tensor.shape) {
            throw ServingError(.internalError, "output \"\(request.name)\" came out wrong: \(fault)")
        }
        return tensor
    }

    private static func write(
        _ tensor: Tensor,
        _ request: OutputRequest,
        _ form: AnswerForm,
        to writer: inout JSONWriter,
        _ tensors: inout [ByteRegion]
    ) throws(ServingError) {
        writer.beginObject()
        writer.member("name", request.name)
        writer.member("datatype", tensor.datatype.rawValue)
        writer.member("shape", tensor.shape)
        let isWritten = request.isBinary ? false : try writesAsJSON(tensor, form, to: &writer)
        if !isWritten {
            writer.key("parameters")
            writer.object { $0.member("binary_data_size", tensor.data.count) }
            tensors.append(tensor.data)
        }
        writer.endObject()
    }

    /// Writes a tensor's elements as `data`; false, and nothing written, where they have no JSON form but may be sent
    /// as binary data instead.
    private static func writesAsJSON(
        _ tensor: Tensor,
        _ form: AnswerForm,
        to writer: inout JSONWriter
    ) throws(ServingError) -> Bool {
        do throws(ServingError) {
            try writer.member("data", elementsOf: tensor)
            return true
        } catch {
            guard form.acceptsBinary, error.code == .invalidField else { throw error }
            return false
        }
    }
}

internal import JSONCoding
internal import ServingCore

extension InferenceRequestDecoder {
    /// Reads `outputs`: none means all of the model's; each at most once.
    func answerForm(
        _ root: JSONValue,
        id: String?,
        parameters: InferenceParameters
    ) throws(ServingError) -> AnswerForm {
        let wantsBinary = parameters.wantsBinaryOutputs
        var requests: [OutputRequest] = []
        if let given = try root.optionalMember("outputs") {
            requests = try self.requests(given, wantsBinary: wantsBinary)
        }
        if requests.isEmpty { requests = allOutputs(isBinary: wantsBinary) }
        let acceptsBinary = wantsBinary || requests.contains(where: \.isBinary)
        try settleForms(of: &requests, acceptsBinary: acceptsBinary)
        return AnswerForm(id: id, outputs: requests, acceptsBinary: acceptsBinary)
    }

    /// A request for each output of the model.
    func allOutputs(isBinary: Bool) -> [OutputRequest] {
        outputs.enumerated().map { OutputRequest(index: $0.offset, name: $0.element.name, isBinary: isBinary) }
    }

    private func requests(_ given: JSONValue, wantsBinary: Bool) throws(ServingError) -> [OutputRequest] {
        let elements = try given.elements()
        guard elements.count <= outputs.count else {
            throw given.error("the model has \(outputs.count) outputs, found \(elements.count)")
        }
        var requests: [OutputRequest] = []
        for element in elements {
            let request = try request(element, wantsBinary: wantsBinary)
            guard !requests.contains(where: { $0.index == request.index }) else {
                throw try element.member("name").error("asked for twice")
            }
            requests.append(request)
        }
        return requests
    }

    private func request(_ output: JSONValue, wantsBinary: Bool) throws(ServingError) -> OutputRequest {
        let name = try output.member("name")
        let text = try name.string()
        guard let index = outputs.firstIndex(where: { $0.name.hasSameBytes(as: text) }) else {
            throw name.error("the model has no output \"\(text.prefix(64))\"")
        }
        let parameters = try output.optionalMember("parameters")
        if let classes = try parameters?.optionalMember("classification") {
            throw ServingError(.notImplemented, "classification is not supported", field: classes.path)
        }
        if let region = try parameters?.optionalMember("shared_memory_region") { throw Self.sharedMemory(region) }
        let isBinary = try parameters?.optionalMember("binary_data")?.bool() ?? wantsBinary
        return OutputRequest(index: index, name: text, isBinary: isBinary)
    }

    /// Makes outputs without JSON form binary where the caller takes that; throws `invalidField` where it does not.
    private func settleForms(of requests: inout [OutputRequest], acceptsBinary: Bool) throws(ServingError) {
        for place in requests.indices where !requests[place].isBinary {
            let output = outputs[requests[place].index]
            guard !output.datatype.hasJSONForm else { continue }
            guard acceptsBinary else {
                throw ServingError(
                    .invalidField,
                    "output \"\(output.name)\" is \(output.datatype.rawValue), which has no JSON form: "
                        + "ask for it with \"binary_data\": true",
                    field: "outputs"
                )
            }
            requests[place].isBinary = true
        }
    }
}

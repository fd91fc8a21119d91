internal import ServingCore

extension InferenceRequestDecoder {
    /// Reads a raw body: the elements of the model's only input and nothing else; every output is binary.
    ///
    /// One dimension may vary and is worked out from the length. A body for BYTES is one string without its length.
    func decode(raw body: ByteRegion) throws(ServingError) -> InferenceCall {
        guard let input = inputs.first, inputs.count == 1 else {
            throw Self.rawError("a raw body needs a model with one input, this one has \(inputs.count)")
        }
        let tensor = try input.datatype == .bytes ? rawString(body, input) : rawTensor(body, input)
        let answer = AnswerForm(outputs: allOutputs(isBinary: true), acceptsBinary: true)
        return InferenceCall(parameters: InferenceParameters(), inputs: [tensor], answer: answer)
    }

    private func rawTensor(_ body: ByteRegion, _ input: TensorSpecification) throws(ServingError) -> Tensor {
        let shape = try rawShape(body.count / (input.datatype.elementSize ?? 1), input)
        if let fault = TensorBytes.fault(in: body, datatype: input.datatype, shape: shape) {
            throw Self.rawError(fault)
        }
        return Tensor(name: input.name, datatype: input.datatype, shape: shape, data: body)
    }

    private func rawString(_ body: ByteRegion, _ input: TensorSpecification) throws(ServingError) -> Tensor {
        guard input.shape.allSatisfy({ $0 == 1 || $0 == -1 }) else {
            throw Self.rawError("a raw body is one byte string, the model takes the shape \(input.shape)")
        }
        guard let length = UInt32(exactly: body.count) else { throw Self.rawError("the byte string is too long") }
        let storage = try ByteStorage(checkedCapacity: 4 + body.count)
        withUnsafeBytes(of: length.littleEndian) { _ = storage.append($0) }
        body.withUnsafeBytes { _ = storage.append($0) }
        let shape = input.shape.map { _ in 1 }
        return Tensor(name: input.name, datatype: .bytes, shape: shape, data: storage.region)
    }

    private func rawShape(_ elements: Int, _ input: TensorSpecification) throws(ServingError) -> [Int] {
        let varying = input.shape.filter { $0 == -1 }.count
        guard varying <= 1 else {
            throw Self.rawError("a raw body leaves one dimension open at most, the model takes \(input.shape)")
        }
        guard let fixed = Tensor.elementCount(of: input.shape.filter { $0 != -1 }) else {
            throw Self.rawError("the model's shape \(input.shape) is too large")
        }
        // The length is checked afterwards: here a remainder or a fixed dimension of 0 may pass.
        return input.shape.map { $0 == -1 ? (fixed == 0 ? 0 : elements / fixed) : $0 }
    }

    private static func rawError(_ message: String) -> ServingError {
        ServingError(.invalidField, message, field: headerLengthField)
    }
}

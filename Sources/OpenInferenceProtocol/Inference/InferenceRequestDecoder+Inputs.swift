internal import JSONCoding
internal import ServingCore

extension InferenceRequestDecoder {
    /// The most dimensions a tensor may have.
    private static let maximumRank = 8
    /// The most one dimension may be.
    private static let maximumDimension = 1 << 31

    /// Reads `inputs`: each of the model's exactly once, in any order; returns them in the model's order.
    func tensors(_ root: JSONValue, payload: ByteRegion) throws(ServingError) -> [Tensor] {
        let given = try root.member("inputs")
        let elements = try given.elements()
        guard elements.count <= inputs.count else {
            throw given.error("the model has \(inputs.count) inputs, found \(elements.count)")
        }
        var found = [Tensor?](repeating: nil, count: inputs.count)
        var payload = BinaryPayload(payload)
        for element in elements {
            let index = try inputIndex(element)
            guard found[index] == nil else { throw try element.member("name").error("given twice") }
            found[index] = try tensor(element, inputs[index], &payload)
        }
        if let missing = found.firstIndex(where: { $0 == nil }) {
            throw given.error("input \"\(inputs[missing].name)\" is missing")
        }
        try payload.checkUsedUp()
        let tensors = found.compactMap { $0 }
        if let conflict = DimensionConflict(in: tensors, of: inputs) { throw try error(of: conflict, in: elements) }
        return tensors
    }

    /// The input an element names; as in ONNX, other bytes are another name even where they read the same.
    private func inputIndex(_ input: JSONValue) throws(ServingError) -> Int {
        let name = try input.member("name")
        if let index = inputs.firstIndex(where: { name.isString($0.name) }) { return index }
        throw name.error("the model has no input \"\(try name.string().prefix(64))\"")
    }

    /// Names both dimensions by their places in the request, which may list inputs in another order than the model.
    private func error(
        of conflict: DimensionConflict,
        in elements: JSONElements
    ) throws(ServingError) -> ServingError {
        var fields = ["", ""]
        for element in elements {
            let index = try inputIndex(element)
            for (side, place) in [conflict.first, conflict.second].enumerated() where place.input == index {
                fields[side] = "\(try element.member("shape").path ?? "shape")[\(place.dimension)]"
            }
        }
        let message =
            "the model calls this dimension \"\(conflict.name.prefix(64))\", as it does \(fields[0]): it is "
            + "\(conflict.second.extent) here and \(conflict.first.extent) there, and has to be the same"
        return ServingError(.invalidField, message, field: fields[1])
    }

    private func tensor(
        _ input: JSONValue,
        _ specification: TensorSpecification,
        _ payload: inout BinaryPayload
    ) throws(ServingError) -> Tensor {
        try checkDatatype(input.member("datatype"), specification)
        let shape = try shape(input.member("shape"), specification)
        let data = try data(input, specification.datatype, shape, &payload)
        return Tensor(name: specification.name, datatype: specification.datatype, shape: shape, data: data)
    }

    private func checkDatatype(_ value: JSONValue, _ specification: TensorSpecification) throws(ServingError) {
        if value.isString(specification.datatype.rawValue) { return }
        let datatype = try value.enumeration(TensorDatatype.self)
        guard datatype == specification.datatype else {
            throw value.error("the model takes \(specification.datatype.rawValue), found \(datatype.rawValue)")
        }
    }

    private func shape(_ value: JSONValue, _ specification: TensorSpecification) throws(ServingError) -> [Int] {
        let dimensions = try value.elements()
        guard dimensions.count <= Self.maximumRank, dimensions.count == specification.shape.count else {
            throw value.error("the model takes the shape \(specification.shape), found \(dimensions.count) dimensions")
        }
        var shape: [Int] = []
        shape.reserveCapacity(dimensions.count)
        for (dimension, expected) in zip(dimensions, specification.shape) {
            let size = try dimension.integer(in: 0...Self.maximumDimension)
            guard expected == -1 || expected == size else {
                throw dimension.error("the model takes the shape \(specification.shape), found \(size)")
            }
            shape.append(size)
        }
        guard Tensor.elementCount(of: shape) != nil else { throw value.error("the shape is too large") }
        return shape
    }

    private func data(
        _ input: JSONValue,
        _ datatype: TensorDatatype,
        _ shape: [Int],
        _ payload: inout BinaryPayload
    ) throws(ServingError) -> ByteRegion {
        let parameters = try input.optionalMember("parameters")
        if let region = try parameters?.optionalMember("shared_memory_region") { throw Self.sharedMemory(region) }
        let size = try parameters?.optionalMember("binary_data_size")
        let data = try input.optionalMember("data")
        switch (size, data) {
        case (nil, let data?): return try data.tensorData(datatype: datatype, shape: shape)
        case (let size?, nil): return try payload.take(size, datatype: datatype, shape: shape)
        case (.some, let data?): throw data.error("\"data\" and \"binary_data_size\" exclude each other")
        case (nil, nil): throw input.error(member: "data", "\"data\" or the parameter \"binary_data_size\" is missing")
        }
    }

    /// The error of an input or output in shared memory, which this gateway does not have.
    static func sharedMemory(_ region: JSONValue) -> ServingError {
        ServingError(.notImplemented, "shared memory is not supported", field: region.path)
    }
}

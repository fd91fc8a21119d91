public import JSONCoding
public import ServingCore

/// The `parameters` of an inference request (Open Inference Protocol V2 with Triton's parameters and schedule-policy
/// extensions).
public struct InferenceParameters: Hashable, Sendable {
    /// How long the answer may take from the arrival of the head; on the wire in microseconds.
    public var timeout: Duration?
    /// 1 is the most urgent, 0 leaves it to the model.
    public var priority = 0
    /// Whether outputs without a wish of their own are answered as binary data.
    public var wantsBinaryOutputs = false
    /// The parameters that have no meaning here, in the order given.
    public var others: [NamedParameter] = []

    /// No parameters.
    public init() {}

    /// Reads them; throws `invalidField` for a reserved name that is not supported, and for a value out of range.
    public init(_ value: JSONValue) throws(ServingError) {
        // Some clients write out every parameter they know: null is one that was not given.
        for (name, member) in try value.members() where !member.isNull {
            try read(name, member)
        }
    }

    private mutating func read(_ name: String, _ value: JSONValue) throws(ServingError) {
        switch name {
        case "timeout": timeout = .microseconds(Int64(try value.integer(in: 1...Int.max)))
        case "priority": priority = try value.integer(in: 0...Int(UInt32.max))
        case "binary_data_output": wantsBinaryOutputs = try value.bool()
        case "sequence_id", "sequence_start", "sequence_end":
            throw value.error("sequences are not supported: each request stands for itself")
        case "headers":
            throw value.error("\"headers\" is a reserved parameter")
        case _ where name.hasPrefix("triton_"):
            throw value.error("names that start with \"triton_\" are reserved")
        default:
            others.append(NamedParameter(name, try ParameterValue(value)))
        }
    }
}

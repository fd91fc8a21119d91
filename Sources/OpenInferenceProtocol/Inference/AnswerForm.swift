/// What the answer to an inference request has to look like.
public struct AnswerForm: Hashable, Sendable {
    /// The caller's own id, which the answer repeats.
    public var id: String?
    /// The outputs asked for, in the order they are answered.
    public var outputs: [OutputRequest]
    /// Whether the caller has shown that it reads binary data, so that a value without JSON form can be sent as such.
    public var acceptsBinary: Bool

    /// Makes a form.
    public init(id: String? = nil, outputs: [OutputRequest], acceptsBinary: Bool) {
        self.id = id
        self.outputs = outputs
        self.acceptsBinary = acceptsBinary
    }
}

public import ServingCore

/// An inference request, read and checked against its model.
public struct InferenceCall: Sendable {
    /// Timeout, priority and what else was given.
    public var parameters: InferenceParameters
    /// One tensor for each of the model's inputs, in the model's order; binary ones share the body's memory.
    public var inputs: [Tensor]
    /// How to answer.
    public var answer: AnswerForm

    /// Makes a call.
    public init(parameters: InferenceParameters, inputs: [Tensor], answer: AnswerForm) {
        self.parameters = parameters
        self.inputs = inputs
        self.answer = answer
    }

    /// The caller's own id.
    public var id: String? { answer.id }
}

public import ServingCore

/// The body of an inference answer: a JSON part, and the binary tensors behind it.
public struct EncodedInference: Sendable {
    /// The JSON part.
    public var header: ByteRegion
    /// The binary tensors in the order of the answer's outputs, not copied.
    public var tensors: [ByteRegion]

    /// Makes a body.
    public init(header: ByteRegion, tensors: [ByteRegion]) {
        self.header = header
        self.tensors = tensors
    }

    /// What `Inference-Header-Content-Length` must say (never 0), nil where the header must be left out.
    public var headerLength: Int? { tensors.isEmpty ? nil : header.count }

    /// All parts in the order they are sent.
    public var segments: [ByteRegion] { [header] + tensors }

    /// The media type of the body.
    public var contentType: String { tensors.isEmpty ? "application/json" : "application/octet-stream" }
}

internal import HTTPTransport
internal import ServingCore

extension OperationRequest {
    /// The most bytes the body of an operation that only controls something may have.
    private static let controlBodyLimit = 1 << 16

    /// Refuses a body no control operation needs; a missing one is fine, because older clients send none.
    func checkControlBody() throws(ServingError) {
        guard (head.contentLength ?? 0) <= Self.controlBodyLimit else {
            throw ServingError(
                .bodyTooLarge,
                "the body of this operation has at most \(Self.controlBodyLimit) bytes",
                field: "Content-Length"
            )
        }
    }
}

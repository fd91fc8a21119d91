internal import HTTPTransport
internal import ServingCore
private import Synchronization

/// One request on its way through an operation; the exchange carries it from call to call.
final class OperationRequest: Sendable {
    /// The gateway's number for it.
    let id: RequestID
    /// Which operation answers.
    let operationID: OperationID
    /// The same as it is carried out.
    let operation: any Operation
    /// What the path names.
    let parameters: PathParameters
    /// The request's head.
    let head: RequestHead
    /// What an inference request was admitted with.
    private let admitted = Mutex<InferenceTicket?>(nil)
    private let holder = Mutex<CallerGate.Caller?>(nil)
    private let refusal = Mutex<ServingError?>(nil)
    private let shownKey = Mutex<CallerKey?>(nil)

    init(
        id: RequestID,
        operationID: OperationID,
        operation: any Operation,
        parameters: PathParameters,
        head: RequestHead
    ) {
        self.id = id
        self.operationID = operationID
        self.operation = operation
        self.parameters = parameters
        self.head = head
    }

    /// The ticket of an inference request, from its admission on.
    var ticket: InferenceTicket? {
        get { admitted.withLock { $0 } }
        set { admitted.withLock { $0 = newValue } }
    }

    /// What the transport answered by itself, after the request was given to its operation.
    var transportError: ServingError? {
        get { refusal.withLock { $0 } }
        set { refusal.withLock { $0 = newValue } }
    }

    /// The key it came with; nil where none was needed.
    var key: CallerKey? {
        get { shownKey.withLock { $0 } }
        set { shownKey.withLock { $0 = newValue } }
    }

    /// The name of its key, or without one the subject of its client's certificate; nil where it has neither.
    var callerName: String? { key?.name ?? head.clientSubject }

    /// From whose quota it was taken.
    var quotaHolder: CallerGate.Caller? {
        get { holder.withLock { $0 } }
        set { holder.withLock { $0 = newValue } }
    }

    /// From whose quota it was taken; nil the next time.
    func takeQuotaHolder() -> CallerGate.Caller? {
        holder.withLock { holder in
            defer { holder = nil }
            return holder
        }
    }
}

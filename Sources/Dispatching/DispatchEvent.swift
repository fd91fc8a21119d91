public import ServingCore

/// Something that happened outside and that the dispatcher must know of.
public enum DispatchEvent: Sendable {
    /// A head passed the gate. Answered by exactly one ``DispatchAction/admit(_:_:)`` or ``DispatchAction/reject(_:_:)``
    /// among the actions of the same call.
    case arrived(Arrival)
    /// The body of an admitted request is complete and well-formed: it may run. A deadline that the body names takes the place of
    /// the head's, whether it is earlier or later.
    case uploadFinished(RequestID, deadline: MonotonicInstant? = nil)
    /// How far uploads have come; at intervals, for all that have not ended.
    case uploadsProgressed([UploadReport])
    /// The client went away. Nothing more is said about the request, unless it runs: then its batch ends as planned.
    case cancelled(RequestID)
    /// The body turned out malformed and was answered so; the request leaves.
    case bodyRejected(RequestID)
    /// The loader is done with an order and idle.
    case loadFinished(LoadResult)
    /// The executor is done with an order and idle.
    case batchFinished(BatchResult)
    /// A planner thread solved a ``PlanningTask``.
    case planned(PlanningResult)
    /// A time asked for by ``DispatchAction/wake(at:)`` has come.
    case tick
    /// The catalog holds other models now. Waiting requests for models that are gone fail.
    case catalogChanged(DispatchCatalog)
    /// A model is to be loaded and kept. Answered, now or later, by one `pinned` or `pinFailed`.
    case pin(ModelID)
    /// A model need not be kept any more, and its blocks that nobody else needs are to go. Answered by `unpinned`.
    case unpin(ModelID)
    /// From now on every arrival is refused; what was admitted is finished.
    case drain
}

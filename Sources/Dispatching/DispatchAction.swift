public import ServingCore

/// Something the shell must do, after it has left its lock.
public enum DispatchAction: Hashable, Sendable {
    /// The request is in the plan: read its body at the granted rate.
    case admit(RequestID, Grant)
    /// The request is refused: answer with this.
    case reject(RequestID, ServingError)
    /// The request's upload may use this rate from now on; nil is as fast as it comes. The grant counts as revision 0, and each
    /// later rate has the next number: whoever applies rates from several threads drops one that is older than what it applied.
    case setUploadRate(RequestID, BitsPerSecond?, revision: Int)
    /// The loader carries this out, then reports ``DispatchEvent/loadFinished(_:)``. Never given while a load is in flight.
    case load(LoadOrder)
    /// The executor's lane carries this out, then reports ``DispatchEvent/batchFinished(_:)``. Never given while that lane runs a batch.
    case run(BatchOrder)
    /// The executor's lane ends this order, which is overdue, as soon as it can, and reports it like any other.
    case terminate(OrderID, lane: Int)
    /// An admitted request that waits cannot be done: answer with this. The request is gone from the plan.
    case fail(RequestID, ServingError)
    /// A planner thread may look for a better order, then reports ``DispatchEvent/planned(_:)``. At most one is outstanding.
    case plan(PlanningTask)
    /// Send ``DispatchEvent/tick`` at this time or soon after; replaces any later time asked for before.
    case wake(at: MonotonicInstant)
    /// Something ended that had been estimated: for the metrics.
    case estimateChecked(EstimateCheck)
    /// The model is resident and stays.
    case pinned(ModelID)
    /// The model could not be made to stay.
    case pinFailed(ModelID, ServingError)
    /// The model is not pinned; its blocks that nobody needs are gone, or are next to go.
    case unpinned(ModelID)
}

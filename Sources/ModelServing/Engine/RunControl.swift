import Synchronization

/// What bounds the runs of one thread: the memory they may take, and a switch that ends them.
public protocol RunControl: AnyObject, Sendable {
    /// Whether runs are ended instead of carried out.
    var isTerminated: Bool { get }

    /// A run begins on the calling thread: what it allocates counts from here.
    func begin()

    /// The run that the calling thread began is over.
    func end()

    /// Ends the run under way, once its current operator is done, and each later one at once, until ``rearm()``; any thread may call.
    func terminate()

    /// Lets runs go on again; called while none is under way.
    func rearm()
}

/// The switch alone, for engines without a limit on memory: a run is ended between two blocks.
public final class RunFlag: RunControl {
    private let terminated = Atomic(false)

    /// Makes a switch that ends nothing yet.
    public init() {}

    /// Whether runs are ended.
    public var isTerminated: Bool { terminated.load(ordering: .relaxed) }

    /// Nothing is counted.
    public func begin() {}

    /// Nothing was counted.
    public func end() {}

    /// Ends runs from now on.
    public func terminate() { terminated.store(true, ordering: .relaxed) }

    /// Ends none from now on.
    public func rearm() { terminated.store(false, ordering: .relaxed) }
}

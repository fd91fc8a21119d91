public import Dispatching
public import LoadScheduling

/// A way of running the machine in rolling horizon: always the server's own dispatcher, with another planner or setting.
public struct RollingCurve: Sendable {
    /// Who looks for better orders.
    public enum Planning: Hashable, Sendable {
        /// The search.
        case search
        /// The paper's heuristic for the general case.
        case greedy
        /// The paper's dynamic program; it proposes its best where sharing is not by backbones, too.
        case backbone
        /// Nobody: requests stay where admission put them.
        case nobody
    }

    /// Its name in tables and legends.
    public var name: String
    /// Who looks for better orders.
    public var planning = Planning.search
    /// The dispatcher's policy; all but `partial` load whole models.
    public var policy = SchedulingPolicy.partial
    /// Whether shares of the uplink vary over time.
    public var shares = EdgeServer.Shares.constant

    /// The planner of one draw.
    func planner(seed: UInt64) -> RollingPlanner? {
        switch planning {
        case .search: .search(seed: seed)
        case .greedy: .greedy
        case .backbone: RollingPlanner(BackboneDynamicProgramScheduler())
        case .nobody: nil
        }
    }

    /// The search as planner.
    public static let search = RollingCurve(name: "search")
    /// The greedy heuristic as planner.
    public static let greedy = RollingCurve(name: "greedy", planning: .greedy)
    /// The dynamic program as planner.
    public static let backbone = RollingCurve(name: "backbone-dp", planning: .backbone)
    /// No planner.
    public static let unplanned = RollingCurve(name: "unplanned", planning: .nobody)
    /// The search, where nothing is shared: the server's policy `whole`.
    public static let unshared = RollingCurve(name: "unshared", policy: .whole)
    /// The server's policy `lru`: first come, first served, the least recently used whole models evicted, nothing refused.
    public static let lru = RollingCurve(name: "lru", planning: .nobody, policy: .lru)
    /// The server's policy `edf`: as `lru`, with the earliest deadline first.
    public static let edf = RollingCurve(name: "edf", planning: .nobody, policy: .edf)
    /// The search, with constant shares of the uplink, under another name.
    public static let constant = RollingCurve(name: "constant")
    /// The search, with shares of the uplink that vary over time.
    public static let varying = RollingCurve(name: "varying", shares: .varying)
}

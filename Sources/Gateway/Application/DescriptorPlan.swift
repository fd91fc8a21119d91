#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#endif

/// How many descriptors the process may open, and how many connections that leaves room for.
struct DescriptorPlan: Hashable, Sendable {
    /// The soft limit to set.
    let limit: Int
    /// How many connections may be open.
    let connections: Int

    /// Plans for `connections` beside `others` descriptors: the soft limit is raised as far as that takes and `hard` allows, else
    /// there are fewer connections, but never fewer than a quarter of the limit.
    init(connections: Int, others: Int, soft: Int, hard: Int) {
        let (wanted, overflow) = connections.addingReportingOverflow(others)
        limit = max(soft, min(overflow ? .max : wanted, hard))
        self.connections = max(1, min(connections, max(limit - others, limit / 4)))
    }

    /// Raises the process's soft limit for `connections`, and says how many can be had.
    static func apply(connections: Int, others: Int) -> DescriptorPlan {
        var current = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &current) == 0 else {
            return DescriptorPlan(connections: connections, others: others, soft: 1024, hard: 1024)
        }
        let (soft, hard) = (Int(clamping: current.rlim_cur), Int(clamping: current.rlim_max))
        let plan = DescriptorPlan(connections: connections, others: others, soft: soft, hard: hard)
        guard plan.limit > soft else { return plan }
        var raised = current
        raised.rlim_cur = rlim_t(plan.limit)
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { return plan }
        return DescriptorPlan(connections: connections, others: others, soft: soft, hard: soft)
    }
}

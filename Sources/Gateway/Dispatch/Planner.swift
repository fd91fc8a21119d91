internal import Dispatching
struct Planner: Sendable {
    let core: GatewayCore
    func solve(_ task: PlanningTask) {}
}

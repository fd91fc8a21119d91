internal import Dispatching
internal import ModelServing
internal import ServingCore

/// What the gateway is at, at one moment: copies, so that explaining it holds nobody up.
struct GatewaySnapshot: Sendable {
    /// The moment all relative times count from.
    let now: MonotonicInstant
    /// The plan, the queue and the estimates.
    let dispatcher: Dispatcher
    /// What is in memory.
    let residency: ResidencyLedger
    /// The models served.
    let catalog: ServedCatalog
    /// Policy and mode, by their names in the configuration.
    let scheduling: GatewayConfiguration.Scheduling

    init(_ core: GatewayCore) {
        dispatcher = core.loop.snapshot()
        now = core.clock()
        residency = core.blocks.ledger
        catalog = core.catalog
        scheduling = core.configuration.scheduling
    }

    /// The blocks of a model in the order they run; empty for one that left the catalog.
    func blocks(of model: ModelID) -> [ParameterBlock] { catalog[model]?.model.blocks ?? [] }
}

import Dispatching
import Foundation
import LoadScheduling
import ServingCore
import TestSupport

/// What the dispatcher costs: events of requests that come at a rate, 300 models, memory for a tenth of their bytes, and the
/// planner's re-plans with their budget.
struct DispatchMeasure {
    /// What is offered.
    struct Offer {
        var name: String
        var requestsPerSecond: Double
        var uplink: UplinkConfiguration
        /// Whether a planner looks for better orders.
        var plans = true
        var deadlines = 0.1...1.0
    }

    static let offers: [Offer] = [
        Offer(name: "500 requests/s, unpaced", requestsPerSecond: 500, uplink: .unpaced()),
        Offer(name: "500 requests/s, paced", requestsPerSecond: 500, uplink: .rate(BitsPerSecond(400e6))),
        Offer(
            name: "500 requests/s, deadlines up to 10 s",
            requestsPerSecond: 500,
            uplink: .unpaced(),
            deadlines: 0.5...10
        ),
        Offer(name: "500 requests/s, no planner", requestsPerSecond: 500, uplink: .unpaced(), plans: false),
    ]

    /// Every offer.
    static func measureAll(seed: UInt64) -> [Bar] {
        let bars = offers.map { measure($0, seed: seed) }
        print("")
        return bars
    }

    private static func measure(_ offer: Offer, seed: UInt64) -> Bar {
        let zoo = InstanceGenerator.problem(.large, seed: seed).server
        let bytes = zoo.blocks.reduce(0) { $0 + $1.bytes }
        var configuration = DispatcherConfiguration(memoryLimit: ByteCount(bytes / 10), uplink: offer.uplink)
        configuration.estimates.loadBytesPerSecond = 2e9
        configuration.estimates.loadSecondsPerBlock = 0.2e-3
        var server = MeasuredServer(configuration, DispatchCatalog(zoo), plans: offer.plans, seed: seed)
        let seconds = 10.0
        server.offer(offer.requestsPerSecond, over: seconds, deadlines: offer.deadlines)
        server.run()
        let counters = server.dispatcher.counters
        let events = server.eventSeconds * 1e6 / Double(max(server.events, 1))
        let each = server.eventSeconds * 1e6 / Double(max(counters.received, 1))
        let share = server.eventSeconds / seconds * 100
        let planned = server.planningSeconds / seconds * 100
        print(
            "dispatching \(offer.name): \(counters.received) requests, \(counters.admitted) admitted, \(counters.inTime) in time"
        )
        print(
            String(
                format:
                    "  %.1f us an event, longest %.0f; %.0f us a request; %.2f %% of a core, planner %.2f %% in %d plans (%d taken)",
                events,
                server.longestSeconds * 1e6,
                each,
                share,
                planned,
                server.plans,
                counters.plansAdopted
            )
        )
        return Bar(
            name: "dispatching (\(offer.name)): planning at most 10 % of a core",
            figure: String(format: "%.2f %%", share + planned),
            isReached: share + planned <= 10
        )
    }
}

extension DispatchCatalog {
    /// The models of a planning problem, by number.
    fileprivate init(_ server: EdgeServer) {
        self.init(
            models: server.models.enumerated().map { index, model in
                Model(
                    id: ModelID(name: "m\(index)", version: 1),
                    blocks: model.blocks.map {
                        ParameterBlock(id: BlockID("b\($0)"), size: ByteCount(server.blocks[$0].bytes))
                    },
                    isBatchable: true
                )
            }
        )
    }
}

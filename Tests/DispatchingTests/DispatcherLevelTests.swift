import AdmissionControl
import LoadScheduling
import ServingCore
import TestSupport
import Testing

@testable import Dispatching

/// A gateway runs for months: nothing that it keeps may grow with what it has done.
struct DispatcherLevelTests {
    /// How many elements everything holds that is kept from one event to the next.
    private static func size(_ dispatcher: Dispatcher) -> [String: Int] {
        [
            "admission": dispatcher.editor.admission.recordedCount, "trial": dispatcher.editor.trial.recordedCount,
            "trial outlines": dispatcher.editor.trialOutlines.count, "requests": dispatcher.requests.capacity,
            "usage": dispatcher.costs.usageCount, "models": dispatcher.server.models.count,
            "blocks": dispatcher.server.blocks.count, "load kinds": dispatcher.costs.loads.capacity,
            "compute kinds": dispatcher.costs.batches.capacity, "last used": dispatcher.accelerator.modelCount,
            "parked": dispatcher.queue.parked.count,
            "planned": dispatcher.plan.batches.count, "model ids": dispatcher.catalog.modelIDs.count,
        ]
    }

    private static func expectLevel(_ before: [String: Int], _ after: [String: Int]) {
        for (name, count) in after { #expect(count <= 2 * (before[name] ?? 0) + 1200, "\(name)") }
    }

    /// Has requests for models that push each other out of memory come, be refused, and be served.
    private static func serve(_ count: Int, _ dispatcher: inout Dispatcher, _ now: inout Double, _ models: [ModelID]) {
        var actions: [DispatchAction] = []
        var random = SeededGenerator(seed: 1)
        var events: [DispatchEvent] = []
        for number in 0..<count {
            now += 0.5e-3
            let id = RequestID(rawValue: UInt64(now * 1e7))
            let model = models[number % models.count]
            let deadline = SimulatedServer.instant(now + .random(in: 0.01...0.2, using: &random))
            events.append(.arrived(Arrival(id: id, model: model, bodyBytes: 1000, deadline: deadline)))
            events.append(.uploadFinished(id))
            while let event = events.first {
                events.removeFirst()
                actions.removeAll(keepingCapacity: true)
                dispatcher.handle(event, at: SimulatedServer.instant(now), into: &actions)
                for action in actions {
                    switch action {
                    case .load(let order):
                        let blocks = order.load.map { ($0.id, LoadResult.Outcome.loaded(.milliseconds(1), size: nil)) }
                        events.append(
                            .loadFinished(LoadResult(order: order.id, blocks: Dictionary(uniqueKeysWithValues: blocks)))
                        )
                    case .run(let order):
                        events.append(.batchFinished(BatchResult(order: order.id, duration: .milliseconds(2))))
                    default: break
                    }
                }
            }
        }
    }

    private static let catalog = DispatcherPropertyTests.catalog(families: 3, variants: 3)

    @Test(arguments: [UplinkConfiguration.unpaced(), .rate(BitsPerSecond(1e9))])
    func `tens of thousands of admissions leave nothing behind`(uplink: UplinkConfiguration) {
        let configuration = DispatcherConfiguration(memoryLimit: 6_500_000, uplink: uplink)
        var dispatcher = Dispatcher(configuration: configuration, catalog: Self.catalog)
        var now = 0.0
        let models = Self.catalog.models.map(\.id)
        Self.serve(2_000, &dispatcher, &now, models)
        let before = Self.size(dispatcher)
        Self.serve(20_000, &dispatcher, &now, models)
        #expect(dispatcher.counters.admitted > 5_000)
        Self.expectLevel(before, Self.size(dispatcher))
    }

    @Test func `questions about a plan that stays leave nothing behind`() {
        let configuration = DispatcherConfiguration(memoryLimit: 6_500_000)
        var controller = Dispatcher(configuration: configuration, catalog: Self.catalog)
        var actions: [DispatchAction] = []
        for number in 0..<40 {
            let model = Self.catalog.models[number % 9].id
            let id = RequestID(rawValue: UInt64(number))
            let arrival = Arrival(id: id, model: model, bodyBytes: 1000, deadline: SimulatedServer.instant(5))
            controller.handle(.arrived(arrival), at: .origin, into: &actions)
        }
        let before = Self.size(controller)
        for number in 0..<2000 {
            let id = RequestID(rawValue: UInt64(1000 + number))
            let at = SimulatedServer.instant(Double(number) * 1e-6)
            let model = Self.catalog.models[number % 9].id
            let arrival = Arrival(id: id, model: model, bodyBytes: 1000, deadline: SimulatedServer.instant(0.1))
            controller.handle(.arrived(arrival), at: at, into: &actions)
            controller.handle(.cancelled(id), at: at, into: &actions)
        }
        Self.expectLevel(before, Self.size(controller))
    }

    @Test func `a thousand catalogs with other models leave nothing behind, and each is served`() {
        var dispatcher = Dispatcher(
            configuration: DispatcherConfiguration(memoryLimit: 6_500_000),
            catalog: Self.catalog
        )
        var now = 0.0
        var before: [String: Int] = [:]
        for generation in 0..<1000 {
            var catalog = DispatchCatalog(models: Array(Self.catalog.models.prefix(3)))
            for number in 0..<3 {
                let blocks = (0..<3).map {
                    ParameterBlock(id: BlockID("g\(generation).\(number).\($0)"), size: ByteCount(900_000 + generation))
                }
                let id = ModelID(name: "new\(number)", version: generation + 1)
                catalog.models.append(DispatchCatalog.Model(id: id, blocks: blocks, isBatchable: true))
            }
            var actions: [DispatchAction] = []
            dispatcher.handle(.catalogChanged(catalog), at: SimulatedServer.instant(now), into: &actions)
            let kept = dispatcher.counters.inTime
            Self.serve(12, &dispatcher, &now, catalog.models.map(\.id))
            #expect(dispatcher.counters.inTime > kept)
            #expect(dispatcher.residentBytes <= 6_500_000)
            if generation == 50 { before = Self.size(dispatcher) }
        }
        for (name, count) in Self.size(dispatcher) where name != "admission" && name != "trial" {
            #expect(count <= 2 * (before[name] ?? 0) + 8, "\(name)")
        }
        #expect(dispatcher.server.models.count < 40)
        #expect(dispatcher.server.blocks.count < 120)
    }
}

import Dispatching
import ServingCore
import TestSupport
import Testing

/// How many are served in time where far more is asked for than can be done.
///
/// The floors are 98 % of what was served while overload rules asked for nothing but the load that is offered.
struct OverloadServedTests {
    struct Scenario: CustomTestStringConvertible {
        var name: String
        /// Times what one executor can do in batches.
        var times: Double
        var deadlines: ClosedRange<Double> = 0.1...0.6
        var memory = 12_000_000
        var jitter = 0.0
        /// The least mean of requests in time over all seeds.
        var floor: Double
        var testDescription: String { name }
    }

    static let scenarios = [
        Scenario(name: "1x", times: 1, floor: 593),
        Scenario(name: "2x", times: 2, floor: 974),
        Scenario(name: "3x", times: 3, floor: 1172),
        Scenario(name: "10x", times: 10, floor: 1546),
        Scenario(name: "10x, jitter", times: 10, jitter: 0.3, floor: 1218),
        Scenario(name: "2x, long deadlines", times: 2, deadlines: 1...3, floor: 1209),
        Scenario(name: "2x, everything in memory", times: 2, memory: 60_000_000, floor: 978),
    ]

    /// Eight small models and four large ones, in families that share a backbone.
    private static let catalog = DispatchCatalog(
        models: (0..<12).map { number in
            let isLarge = number >= 8
            let backbone = ParameterBlock(id: BlockID("backbone\(number / 4)"), size: isLarge ? 4_000_000 : 2_000_000)
            let head = ParameterBlock(id: BlockID("head\(number)"), size: isLarge ? 1_000_000 : 500_000)
            return DispatchCatalog.Model(
                id: ModelID(name: "m\(number)", version: 1),
                blocks: [backbone, head],
                isBatchable: true,
                compute: DispatchCatalog.Compute(baseSeconds: 4e-3, itemSeconds: isLarge ? 6e-3 : 1.5e-3)
            )
        }
    )

    static func serve(_ scenario: Scenario, seed: UInt64) -> SimulatedServer {
        var configuration = DispatcherConfiguration(memoryLimit: ByteCount(scenario.memory))
        (configuration.overloadLoadSpacing, configuration.overloadFairPart) = (4, 0.02)
        var truth = SimulatedServer.Truth()
        (truth.baseSeconds, truth.itemSeconds, truth.jitter) = (4e-3, 1.5e-3, scenario.jitter)
        for model in catalog.models[8...] { truth.itemFactors[model.id] = 4 }
        var server = SimulatedServer(configuration, catalog, truth: truth, seed: seed)
        var random = SeededGenerator(seed: seed)
        var (time, id) = (0.0, UInt64(0))
        while time < 3 {
            time += .random(in: 0...(2 / (200 * scenario.times)), using: &random)
            // Some models are asked for far more often than others.
            let place = Int(Double(catalog.models.count) * pow3(.random(in: 0..<1, using: &random)))
            let model = catalog.models[(place * 5) % catalog.models.count].id
            server.arrive(id, model, at: time, within: .random(in: scenario.deadlines, using: &random))
            id += 1
        }
        server.run()
        return server
    }

    private static func pow3(_ x: Double) -> Double { x * x * x }

    @Test(arguments: scenarios)
    func `what is served does not fall`(scenario: Scenario) {
        var inTime = 0
        for seed in UInt64(0)..<2 {
            let server = Self.serve(scenario, seed: seed)
            #expect(server.violations == [])
            inTime += server.dispatcher.counters.inTime
        }
        #expect(Double(inTime) / 2 >= scenario.floor)
    }
}

import LoadScheduling
import Testing

@testable import Simulation

struct LibraryTests {
    /// Counted by torchvision's own documentation of its models ("num_params").
    @Test(arguments: [
        (Architecture.resnet18, 11_689_512), (.resnet34, 21_797_672), (.resnet50, 25_557_032),
        (.visionTransformer, 86_567_656),
    ])
    func `networks have as many parameters as the real ones`(network: Architecture, parameters: Int) {
        #expect(network.parameters == parameters)
    }

    /// The same documentation's GFLOPS, which are multiply-accumulates there.
    @Test(arguments: [
        (Architecture.resnet18, 1.81), (.resnet34, 3.66), (.resnet50, 4.09), (.visionTransformer, 17.56),
    ])
    func `networks take as many operations as the real ones, within 2 percent`(network: Architecture, billions: Double)
    {
        #expect(abs(Double(network.operations) / 1e9 / billions - 1) < 0.02, "\(network.operations)")
    }

    @Test func `backbone sharing is a case of the paper's dynamic program`() {
        let library = LibraryMaker.backbone(models: 12, share: 0.8, costs: .stated)
        #expect(library.server.models.count == 12)
        let families = Dictionary(grouping: 0..<12) { library.families[$0] }
        #expect(families.count == 3)
        for (_, models) in families {
            let common = models.map { Set(library.server.models[$0].blocks) }.reduce(into: nil as Set<Int>?) {
                $0 = $0?.intersection($1) ?? $1
            }
            let bytes = (common ?? []).reduce(0) { $0 + library.server.blocks[$1].bytes }
            let whole = library.server.bytes(ofModel: models[0])
            #expect(abs(Double(bytes) / Double(whole) - 0.8) < 0.2, "\(bytes) of \(whole)")
        }
        let ofFirst = Set(families[0, default: []].flatMap { library.server.models[$0].blocks })
        let ofSecond = Set(families[1, default: []].flatMap { library.server.models[$0].blocks })
        #expect(ofFirst.isDisjoint(with: ofSecond))
    }

    @Test func `adapted transformers own adapters and a head, a small part of their bytes`() {
        let library = LibraryMaker.adapted(families: 2, models: 6, costs: .stated)
        let (first, second) = (library.server.models[0], library.server.models[1])
        let own = Set(first.blocks).subtracting(second.blocks).reduce(0) { $0 + library.server.blocks[$1].bytes }
        #expect(own == 12 * Architecture.adapters.bytes + (Architecture.visionTransformer.blocks.last?.bytes ?? 0))
        #expect(Double(own) / Double(library.server.bytes(ofModel: 0)) < 0.06)
    }

    @Test func `popularity follows Zipf's law`() {
        var random = SimulationRandom(seed: 3)
        let popularity = ModelPopularity(models: 4, exponent: 1, random: &random)
        var counts = [0, 0, 0, 0]
        for _ in 0..<25_000 { counts[popularity.model(&random)] += 1 }
        // 1 + 1/2 + 1/3 + 1/4 = 25/12: 12,000, 6,000, 4,000 and 3,000 of 25,000.
        for (count, wanted) in zip(counts.sorted(by: >), [12_000, 6_000, 4_000, 3_000]) {
            #expect(abs(count - wanted) < 400, "\(counts)")
        }
    }
}
